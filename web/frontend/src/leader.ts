// Which window of this browser holds the stream: exactly one that wants it, and another at once when that one goes.
//
// A browser opens six connections to a host, so a seventh window with a stream of its own hangs without an error.  Where the browser
// has Web Locks (https, this machine) a lock decides; elsewhere (plain http in the home network) a lease in localStorage that its
// holder renews.  Where neither is there, every window is its own leader.

const LOCK = "backlift-stream";
const LEASE_MS = 4000;
const RENEW_MS = 1000;
const CONFIRM_MS = 40;

export class Leadership {
  private wanted = false;
  private leading = false;
  private release: (() => void) | null = null;
  private timer = 0;
  private readonly id = `${Date.now()}-${Math.random()}`;

  constructor(
    private readonly gained: () => void,
    private readonly lost: () => void,
  ) {}

  get isLeader(): boolean {
    return this.leading;
  }

  want(): void {
    if (this.wanted) return;
    this.wanted = true;
    if (navigator.locks) void this.queue();
    else {
      this.timer = setInterval(() => this.lease(), RENEW_MS);
      this.lease();
    }
  }

  letGo(): void {
    if (!this.wanted) return;
    this.wanted = false;
    clearInterval(this.timer);
    this.release?.();
    this.release = null;
    if (this.leading && !navigator.locks) forget();
    this.set(false);
  }

  /** The holder said that it goes: do not wait for its lease to run out. */
  freed(): void {
    if (this.wanted && !navigator.locks) this.lease();
  }

  private async queue(): Promise<void> {
    const asked = new AbortController();
    this.release = () => asked.abort();
    try {
      await navigator.locks.request(LOCK, { signal: asked.signal }, () =>
        new Promise<void>((done) => {
          this.release = done;
          if (this.wanted) this.set(true);
          else done();
        }),
      );
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    }
  }

  private lease(): void {
    if (!this.wanted) return;
    const held = read();
    if (held === undefined) {
      this.set(true); // nowhere to write a lease: each for itself
      return;
    }
    const own = held?.id === this.id;
    if (!own && held && held.until > Date.now() && held.until < Date.now() + 2 * LEASE_MS) {
      this.set(false);
      return;
    }
    write({ id: this.id, until: Date.now() + LEASE_MS });
    if (own) this.set(true);
    // Two windows may have taken it in the same moment; the one that wrote last has it.
    else setTimeout(() => this.wanted && this.set(read()?.id === this.id), CONFIRM_MS);
  }

  private set(leading: boolean): void {
    if (leading === this.leading) return;
    this.leading = leading;
    if (leading) this.gained();
    else this.lost();
  }
}

interface Lease {
  id: string;
  until: number;
}

/** The lease; null without one, undefined where there is no place for it. */
function read(): Lease | null | undefined {
  try {
    return JSON.parse(localStorage.getItem(LOCK) ?? "null") as Lease | null;
  } catch {
    return undefined;
  }
}

function write(lease: Lease): void {
  try {
    localStorage.setItem(LOCK, JSON.stringify(lease));
  } catch {
    // The next look finds no place, and every window leads itself.
  }
}

function forget(): void {
  try {
    localStorage.removeItem(LOCK);
  } catch {
    // It runs out by itself.
  }
}
