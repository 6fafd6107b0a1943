"""Sentences: what is said in English, how it is said in another language, and how stored text is said again."""
