// What every page's script needs: the page's texts and data, the API, numbers as the language writes them.

interface Boot {
  texts: Record<string, string>;
  language: string;
  data: unknown;
}

const boot = JSON.parse(document.getElementById("boot")?.textContent ?? '{"texts":{},"language":"en","data":null}') as Boot;

export const language = boot.language;

/** What the server put into the page for its script. */
export function pageData<T>(): T {
  return boot.data as T;
}

/** The text of a key with its `{places}` filled in.  A key that is missing shows itself: tests look for that. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const text = boot.texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** The text for `n` things. */
export function tn(key: string, n: number, values: Record<string, string | number> = {}): string {
  return t(`${key}.${n === 1 ? "one" : "other"}`, { n, ...values });
}

export function has(key: string): boolean {
  return key in boot.texts;
}

/** A zone or limb in words: from the catalogue, or else its own name. */
export function named(kind: "zone" | "limb", name: string): string {
  return has(`${kind}.${name}`) ? t(`${kind}.${name}`) : name.replaceAll("_", " ");
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

export async function get(path: string): Promise<Response> {
  return answered(await fetch(path, { headers: { Accept: "application/json" } }));
}

export async function post(path: string, content: object): Promise<Response> {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  return answered(await fetch(path, { method: "POST", headers, body: JSON.stringify(content) }));
}

export async function command<T = unknown>(name: string, args: object = {}): Promise<T> {
  const response = await post(`/api/v1/commands/${name}`, args);
  return ((await response.json()) as { result: T }).result;
}

async function answered(response: Response): Promise<Response> {
  if (response.ok) return response;
  let words = response.statusText;
  try {
    words = ((await response.json()) as { error: string }).error;
  } catch {
    // Not from our API: the status has to do.
  }
  throw new ApiError(words);
}

/** Remember a wish of this device for the server to render by; a year and a bit, this site only. */
export function remember(name: string, value: string): void {
  document.cookie = `${name}=${value}; Path=/; Max-Age=34560000; SameSite=Strict`;
}
