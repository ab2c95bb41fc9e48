// Opens lifts over whatever page is there: fetches the server's piece, keeps the address right, so that Back closes it.

import { ApiError, get, t } from "./core";
import { LiftView } from "./lift-view";

export interface LayerListener {
  changed(): void;
  say(words: string): void;
  /** Opened: the page beneath goes out of sight.  Closed: the lift that was open, to be shown again. */
  opened(): void;
  closed(lift: number): void;
}

const PATH = /^\/sessions\/(\d+)\/lifts\/(\d+)$/;

export class LiftLayer {
  private view: LiftView | null = null;
  private asked = 0;
  private readonly fetched = new Map<string, Promise<string>>();

  constructor(
    private readonly layer: HTMLElement,
    private readonly listener: LayerListener,
    /** Where closing leads when the lift is a page of its own. */
    private readonly home: string | null,
  ) {
    addEventListener("popstate", () => this.follow());
    const here = layer.querySelector<HTMLElement>("#lift-view");
    if (here) this.take(here);
    else this.follow();
  }

  /** A link to a lift, tapped. */
  open(path: string): void {
    history.pushState({ lift: true }, "", path);
    void this.show(path);
  }

  /** Ask ahead for what is likely wanted next. */
  fetchAhead(path: string): void {
    if (!this.fetched.has(path)) {
      const asked = get(`${path}?part=view`).then((response) => response.text());
      asked.catch(() => this.fetched.delete(path));
      this.fetched.set(path, asked);
    }
  }

  private follow(): void {
    if (PATH.test(location.pathname)) void this.show(location.pathname);
    else this.shut();
  }

  private async show(path: string): Promise<void> {
    const asked = ++this.asked;
    try {
      this.fetchAhead(path);
      const page = await (this.fetched.get(path) as Promise<string>);
      this.fetched.clear();
      if (asked !== this.asked) return;
      const made = new DOMParser().parseFromString(page, "text/html").querySelector<HTMLElement>("#lift-view");
      if (!made) throw new ApiError(t("common.unreachable"));
      this.view?.destroy();
      this.layer.replaceChildren(made);
      this.layer.hidden = false;
      this.listener.opened();
      this.take(made);
      scrollTo({ top: 0 });
      made.querySelector<HTMLElement>("#lift-title")?.focus({ preventScroll: true });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.listener.say(error.message);
      if (!this.view && !this.home) history.back();
    }
  }

  private take(root: HTMLElement): void {
    this.view = new LiftView(root, {
      changed: () => {
        this.fetched.clear();
        this.listener.changed();
      },
      say: (words) => this.listener.say(words),
      step: (direction) => this.step(direction),
      close: () => {
        if (this.home) location.assign(this.home);
        else history.back();
      },
    });
    for (const step of ["next", "previous"]) {
      const path = root.querySelector<HTMLAnchorElement>(`[data-lift-step="${step}"]`)?.pathname;
      if (path) setTimeout(() => this.view?.root === root && this.fetchAhead(path), 400);
    }
  }

  private step(direction: -1 | 1): void {
    const link = this.layer.querySelector<HTMLAnchorElement>(`[data-lift-step="${direction < 0 ? "previous" : "next"}"]`);
    if (!link) return;
    history.replaceState(history.state, "", link.pathname);
    void this.show(link.pathname);
  }

  private shut(): void {
    this.asked++;
    if (!this.view) return;
    const lift = Number(this.view.root.dataset["lift"]);
    this.view.destroy();
    this.view = null;
    this.layer.replaceChildren();
    this.layer.hidden = true;
    this.listener.closed(lift);
  }
}
