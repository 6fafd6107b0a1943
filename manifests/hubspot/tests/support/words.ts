import type { RenderedChildNode } from '@hubspot/ui-extensions/testing';
import { vi } from 'vitest';

/** Returns every word below a node; the library's own `text` is that of a node without elements in it. */
export function words(node: { childNodes: RenderedChildNode[] }): string {
    const parts = node.childNodes.map((child) => ('childNodes' in child ? words(child) : child.text));
    return parts.join(' ').replace(/ +/g, ' ').trim();
}

/** Waits until something holds, looking again and again: the library's own `waitFor` looks only when a node changes. */
export function until(check: () => void): Promise<void> {
    return vi.waitFor(check, { timeout: 20_000, interval: 10 });
}
