/**
 * What of a scrolled element is in view; where it was scrolled to is kept by name, for Back.
 *
 * @module
 */
import { useLayoutEffect, useState } from "preact/hooks";

export interface Viewport {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const positions = new Map<string, readonly [left: number, top: number]>();

/** @param name of what is scrolled: each has a position of its own */
export function useViewport(element: { readonly current: HTMLElement | null }, name: string): Viewport {
  const [view, setView] = useState<Viewport>({ left: 0, top: 0, width: 1000, height: 600 });
  useLayoutEffect(() => {
    const box = element.current;
    if (box === null) return;
    const [left, top] = positions.get(name) ?? [0, 0];
    box.scrollTo(left, top);
    let frame = 0;
    const read = (): void => {
      frame = 0;
      positions.set(name, [box.scrollLeft, box.scrollTop]);
      setView({ left: box.scrollLeft, top: box.scrollTop, width: box.clientWidth, height: box.clientHeight });
    };
    // One reading a frame, however many events there are.
    const later = (): void => {
      frame ||= requestAnimationFrame(read);
    };
    read();
    box.addEventListener("scroll", later, { passive: true });
    const observer = new ResizeObserver(later);
    observer.observe(box);
    return () => {
      cancelAnimationFrame(frame);
      box.removeEventListener("scroll", later);
      observer.disconnect();
    };
  }, [element, name]);
  return view;
}

/** The width of an element, as it is now. */
export function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const box = element.current;
    if (box === null) return;
    const read = (): void => setWidth(box.clientWidth);
    read();
    const observer = new ResizeObserver(read);
    observer.observe(box);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
