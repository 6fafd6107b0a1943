"""The drain with the real adapters over CRMs that misbehave: nothing lost, nothing done twice."""
