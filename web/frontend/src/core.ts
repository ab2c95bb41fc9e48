// What every page's script needs: the page's texts and data, the API, numbers as the language writes them.

import { FluentBundle, FluentNumber, FluentResource } from "@fluent/bundle";

import type { Notice } from "./messages";

interface Boot {
  /** Fluent source of the page's texts; `live.paused` is the message `live-paused`. */
  texts: string;
  language: string;
  data: unknown;
}

const boot = JSON.parse(document.getElementById("boot")?.textContent ?? '{"texts":"","language":"en","data":null}') as Boot;
const bundle = new FluentBundle(boot.language, { useIsolating: false });
bundle.addResource(new FluentResource(boot.texts));

export const language = boot.language;

/** What the server put into the page for its script. */
export function pageData<T>(): T {
  return boot.data as T;
}

/** The text of a key with its places filled in.  A key that is missing shows itself: tests look for that. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const pattern = bundle.getMessage(key.replaceAll(".", "-"))?.value;
  if (!pattern) return key;
  const given: Record<string, string | FluentNumber> = {};
  for (const [name, value] of Object.entries(values)) given[name] = typeof value === "number" ? new FluentNumber(value, { useGrouping: false }) : value;
  return bundle.formatPattern(pattern, given, []);
}

/** The text for `n` things. */
export function tn(key: string, n: number, values: Record<string, string | number> = {}): string {
  return t(key, { n, ...values });
}

export function has(key: string): boolean {
  return bundle.hasMessage(key.replaceAll(".", "-"));
}

/** A zone or limb in words: from the catalogue, or else its own name. */
export function named(kind: "zone" | "limb", name: string): string {
  return has(`${kind}.${name}`) ? t(`${kind}.${name}`) : name.replaceAll("_", " ");
}

/** Something to know, as the station sends it: the catalogue's text of its code, with zones and limbs by their names. */
export function noticeText(notice: Notice): string {
  const values: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(notice.params)) {
    const kind = name.replace(/s$/, "");
    const list = Array.isArray(value) ? value : [value];
    values[name] = kind === "zone" || kind === "limb" ? list.map((one) => named(kind, String(one))).join(", ") : list.join(", ");
  }
  return has(`notice.${notice.code}`) ? t(`notice.${notice.code}`, values) : notice.code;
}

/** Zones that a notice says something of, itself or through its board. */
export function zonesTold(notices: readonly Notice[]): Set<string> {
  return new Set(notices.flatMap(({ params }) => [params["zone"], params["zones"]].flat().filter((one) => one !== undefined).map(String)));
}

const oneDecimal = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function seconds(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : `${oneDecimal.format(value)} s`;
}

export function element<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T {
  const found = within.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

export function elements<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T[] {
  return [...within.querySelectorAll<T>(selector)];
}

/** Change a text only when it differs: setting it again would make a screen reader read it again. */
export function write(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** An answer that was no success, in the server's one line. */
export class ApiError extends Error {}

/** Nobody answered, or only to say that the station does not: worth another try later. */
export class UnreachableError extends ApiError {}

export async function get(path: string): Promise<Response> {
  return answered(() => fetch(path, { headers: { Accept: "application/json" } }));
}

/** keepalive: the request outlives the page. */
export async function post(path: string, content: object, keepalive = false): Promise<Response> {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  return answered(() => fetch(path, { method: "POST", headers, keepalive, body: JSON.stringify(content) }));
}

export async function command<T = unknown>(name: string, args: object = {}, keepalive = false): Promise<T> {
  const response = await post(`/api/v1/commands/${name}`, args, keepalive);
  return ((await response.json()) as { result: T }).result;
}

async function answered(ask: () => Promise<Response>): Promise<Response> {
  let response: Response;
  try {
    response = await ask();
  } catch (error) {
    // Browsers call every failed connection a TypeError, each in words of its own.
    if (error instanceof TypeError) throw new UnreachableError(t("common.unreachable"));
    throw error;
  }
  if (response.ok) return response;
  let words = response.statusText;
  try {
    words = ((await response.json()) as { error: string }).error;
  } catch {
    // Not from our API: the status has to do.
  }
  if (response.status >= 502 && response.status <= 504) throw new UnreachableError(t("common.unreachable"));
  throw new ApiError(words);
}

/** Remember a wish of this device for the server to render by; a year and a bit, this site only. */
export function remember(name: string, value: string): void {
  document.cookie = `${name}=${value}; Path=/; Max-Age=34560000; SameSite=Strict`;
}
