// The tablet's sounds: the guide's cues, begun at their own time on the audio clock.
//
// A cue says when it is to be heard on the station's clock.  Counts are sent ahead of their time and put on the audio clock's plan at
// once, so the network's jitter is not heard in them; whatever is too late, or further ahead than the guide ever plans, is not played.
//
// Some tablets say that their audio runs while it stands still (after a lock, an alarm, a call): its clock is watched, and where it
// does not move the audio is made anew.  Until that has worked the page says that it is silent.

import { language } from "./core";
import type { Cue } from "./messages";
import { StationClock } from "./station-clock";

const WISH = "sound";
const SHAKE_WISH = "vibration";
/** The guide plans 1.5 s ahead at most: a cue that seems further away tells that the clock is wrong, not that there is time. */
const FURTHEST_S = 3;
const WATCH_MS = 1500;
/** These have to be at hand when the line is lost, for then nothing can be fetched. */
const AT_HAND = ["trouble", "ready", "lift_off", "touch_down", "melt_done", "rest_done", "count", "count_last", "pause", "end"];
const SHAKES: Record<string, number[]> = {
  ready: [60, 80, 60],
  lift_off: [40],
  touch_down: [120],
  melt_done: [300],
  rest_done: [40, 60, 40],
  trouble: [200, 100, 200, 100, 200],
  not_saving: [200, 100, 200, 100, 200],
  pause: [80],
  end: [400, 100, 400],
};

type AudioSession = { type: string };

export class Sounder {
  private context: AudioContext | null = null;
  private readonly buffers = new Map<string, AudioBuffer>();
  private readonly planned = new Map<AudioBufferSourceNode, number>();
  private readonly clock = new StationClock();
  private heardAtS = -1;
  private stuck = false;

  /** changed: called whenever whether it sounds may have changed. */
  constructor(
    private readonly changed: () => void,
    private soundSet = "bowl",
  ) {
    // The browser lets a page sound only after a touch, and takes that back after a call or an alarm: listen for every touch.
    document.addEventListener("pointerup", () => {
      if (this.wanted) void this.unlock();
    });
    setInterval(() => void this.watch(), WATCH_MS);
  }

  get wanted(): boolean {
    return wish(WISH) !== "off";
  }

  set wanted(on: boolean) {
    keepWish(WISH, on ? "on" : "off");
    if (on) void this.unlock();
    else this.hush();
    this.changed();
  }

  /** Whether this device is to vibrate with the cues, where it can. */
  get shakes(): boolean {
    return wish(SHAKE_WISH) === "on";
  }

  set shakes(on: boolean) {
    keepWish(SHAKE_WISH, on ? "on" : "off");
    if (on) shake([80]);
  }

  get canShake(): boolean {
    return "vibrate" in navigator;
  }

  get sounding(): boolean {
    return this.wanted && this.context?.state === "running" && !this.stuck;
  }

  async unlock(): Promise<void> {
    const session = (navigator as { audioSession?: AudioSession }).audioSession;
    if (session) session.type = "playback";
    if (!this.context) this.make();
    if (this.context && this.context.state !== "running") await this.context.resume();
    this.changed();
    void this.loadAll(AT_HAND);
    void this.clock.sync();
  }

  async load(sound: string): Promise<AudioBuffer | null> {
    const key = `${this.soundSet}/${sound}`;
    const known = this.buffers.get(key);
    if (known || !this.context) return known ?? null;
    try {
      const response = await fetch(`/sounds/${key}.wav`);
      if (!response.ok) return null;
      const buffer = await this.context.decodeAudioData(await response.arrayBuffer());
      this.buffers.set(key, buffer);
      return buffer;
    } catch {
      // Out of reach: this sound is missing until the line is back.
      return null;
    }
  }

  async loadAll(sounds: string[]): Promise<void> {
    await Promise.all(sounds.map((sound) => this.load(sound)));
  }

  use(soundSet: string): void {
    this.soundSet = soundSet;
  }

  async take(cue: Cue): Promise<void> {
    if (cue.sound === "hush") {
      this.hush();
      return;
    }
    if (this.shakes && cue.volume > 0) shake(SHAKES[cue.sound] ?? []);
    if (!this.sounding || cue.volume <= 0) return;
    const buffer = await this.load(cue.sound);
    const nowS = await this.clock.known();
    if (!this.sounding) return;
    const waitS = nowS === null ? 0 : cue.at_s - nowS;
    if (waitS > FURTHEST_S) {
      this.clock.doubt();
      return;
    }
    if (nowS !== null && nowS > cue.expires_s) return;
    if (buffer) this.play(buffer, cue.volume, Math.max(0, waitS));
    if (cue.say) this.speak(cue.say, cue.volume, Math.max(0, waitS) + (buffer ? buffer.duration * 0.6 : 0), cue.expires_s);
  }

  /** A sound of this page's own, now, without asking anybody: the line may be lost. */
  alarm(sound: string, volume: number): void {
    if (this.shakes) shake(SHAKES[sound] ?? []);
    const buffer = this.buffers.get(`${this.soundSet}/${sound}`);
    if (buffer && this.sounding) this.play(buffer, volume, 0);
  }

  /** Play a sound now, to hear what it is like. */
  async demonstrate(sound: string, volume: number): Promise<void> {
    await this.unlock();
    const buffer = await this.load(sound);
    if (buffer) this.play(buffer, volume, 0);
  }

  /** The audio context, once a touch has made one: for what sounds without cues. */
  get audio(): AudioContext | null {
    return this.sounding ? this.context : null;
  }

  private make(): void {
    this.context = new AudioContext({ latencyHint: "interactive" });
    this.context.addEventListener("statechange", () => this.changed());
    this.heardAtS = -1;
    this.stuck = false;
    // Decoded sounds outlive their context; what was planned on the old one does not.
    this.planned.clear();
  }

  /** Does the audio clock move? */
  private async watch(): Promise<void> {
    const context = this.context;
    if (!context || context.state !== "running" || document.hidden) {
      this.heardAtS = -1;
      return;
    }
    const stands = context.currentTime === this.heardAtS;
    this.heardAtS = context.currentTime;
    if (stands !== this.stuck) {
      this.stuck = stands;
      this.changed();
    }
    if (!stands) return;
    this.make();
    this.stuck = true;
    void context.close().catch(() => undefined);
    try {
      await this.context?.resume();
    } catch {
      // Not without a touch: the page says so, and listens for one.
    }
    this.heardAtS = -1;
  }

  private play(buffer: AudioBuffer, volume: number, waitS: number): void {
    const context = this.context;
    if (!context) return;
    const source = context.createBufferSource();
    const gain = context.createGain();
    source.buffer = buffer;
    gain.gain.value = Math.min(1, volume);
    source.connect(gain).connect(context.destination);
    const at = context.currentTime + waitS;
    source.start(at);
    this.planned.set(source, at);
    source.onended = () => this.planned.delete(source);
  }

  private hush(): void {
    const now = this.context?.currentTime ?? 0;
    for (const [source, at] of this.planned) {
      if (at > now) {
        source.stop();
        this.planned.delete(source);
      }
    }
    if ("speechSynthesis" in window) speechSynthesis.cancel();
  }

  /** Speak with a voice that lives on this device; one that needs the net may fail without a word. */
  private speak(words: string, volume: number, waitS: number, expiresS: number): void {
    if (!("speechSynthesis" in window)) return;
    const voice = speechSynthesis.getVoices().find((one) => one.localService && one.lang.startsWith(language));
    if (!voice) return;
    setTimeout(() => {
      const nowS = this.clock.nowS;
      if (!this.sounding || nowS === null || nowS > expiresS + 2) return;
      speechSynthesis.cancel();
      const utterance = new SpeechSynthesisUtterance(words);
      utterance.voice = voice;
      utterance.lang = voice.lang;
      utterance.volume = Math.min(1, volume * 1.5);
      utterance.rate = 0.85;
      speechSynthesis.speak(utterance);
    }, waitS * 1000);
  }
}

/** Tells by ear that the line to the station is lost: once, after a while, and when it is back. */
export class LineAlarm {
  private timer = 0;
  private told = false;

  constructor(
    private readonly sounder: Sounder,
    private readonly waitMs: number,
    private readonly volume: () => number,
  ) {}

  connected(now: boolean, matters: boolean): void {
    clearTimeout(this.timer);
    if (!now && !this.told && matters) {
      this.timer = setTimeout(() => {
        this.told = true;
        this.sounder.alarm("trouble", this.volume());
      }, this.waitMs);
    }
    if (now && this.told) {
      this.told = false;
      this.sounder.alarm("ready", this.volume());
    }
  }
}

function shake(pattern: number[]): void {
  if (pattern.length && "vibrate" in navigator) navigator.vibrate(pattern);
}

function wish(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function keepWish(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A private window forgets.
  }
}
