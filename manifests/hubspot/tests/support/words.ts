import type { RenderedChildNode } from '@hubspot/ui-extensions/testing';

/** Returns every word below a node; the library's own `text` is that of a node without elements in it. */
export function words(node: { childNodes: RenderedChildNode[] }): string {
    const parts = node.childNodes.map((child) => ('childNodes' in child ? words(child) : child.text));
    return parts.join(' ').replace(/ +/g, ' ').trim();
}
