// The tablet's sounds: the guide's cues, begun at their own time on the audio clock.
//
// A cue says when it is to be heard on the station's clock.  The offset between the two clocks comes from a few pings: the one with
// the shortest way there and back is the one that tells it best.  Counts are sent ahead of their time and put on the audio clock's
// plan at once, so the network's jitter is not heard; whatever is too late is not played at all.

import { command, language } from "./core";
import type { Cue } from "./messages";

const PINGS = 6;
const SYNC_EVERY_MS = 60_000;
const WISH = "sound";

type AudioSession = { type: string };

export class Sounder {
  private context: AudioContext | null = null;
  private readonly buffers = new Map<string, AudioBuffer>();
  private readonly planned = new Map<AudioBufferSourceNode, number>();
  private offsetS: number | null = null;
  private syncTimer = 0;

  /** changed: called whenever whether it sounds may have changed. */
  constructor(
    private readonly changed: () => void,
    private soundSet = "bowl",
  ) {
    // The browser lets a page sound only after a touch, and takes that back after a call or an alarm: listen for every touch.
    document.addEventListener("pointerup", () => {
      if (this.wanted) void this.unlock();
    });
  }

  get wanted(): boolean {
    try {
      return localStorage.getItem(WISH) !== "off";
    } catch {
      return true;
    }
  }

  set wanted(on: boolean) {
    try {
      localStorage.setItem(WISH, on ? "on" : "off");
    } catch {
      // A private window forgets.
    }
    if (on) void this.unlock();
    else this.hush();
    this.changed();
  }

  get sounding(): boolean {
    return this.wanted && this.context?.state === "running";
  }

  async unlock(): Promise<void> {
    const session = (navigator as { audioSession?: AudioSession }).audioSession;
    if (session) session.type = "playback";
    if (!this.context) {
      this.context = new AudioContext({ latencyHint: "interactive" });
      this.context.addEventListener("statechange", () => this.changed());
      clearInterval(this.syncTimer);
      this.syncTimer = setInterval(() => void this.sync(), SYNC_EVERY_MS);
      void this.sync();
    }
    if (this.context.state !== "running") await this.context.resume();
    this.changed();
  }

  /** The station's clock minus this page's, in seconds. */
  private async sync(): Promise<void> {
    let shortest = Infinity;
    for (let i = 0; i < PINGS; i++) {
      const before = performance.now();
      try {
        const { t_s } = await command<{ t_s: number }>("ping");
        const after = performance.now();
        if (after - before < shortest) {
          shortest = after - before;
          this.offsetS = t_s - (before + after) / 2000;
        }
      } catch {
        return;
      }
    }
  }

  async load(sound: string): Promise<AudioBuffer | null> {
    const key = `${this.soundSet}/${sound}`;
    const known = this.buffers.get(key);
    if (known || !this.context) return known ?? null;
    const response = await fetch(`/sounds/${key}.wav`);
    if (!response.ok) return null;
    const buffer = await this.context.decodeAudioData(await response.arrayBuffer());
    this.buffers.set(key, buffer);
    return buffer;
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
    if (!this.sounding || cue.volume <= 0) return;
    const buffer = await this.load(cue.sound);
    const waitS = this.offsetS === null ? 0 : cue.at_s - this.stationS();
    // Judged after loading: a cue that became stale meanwhile is dropped, not played late.
    if (this.offsetS !== null && this.stationS() > cue.expires_s) return;
    if (buffer) this.play(buffer, cue.volume, Math.max(0, waitS));
    if (cue.say) this.speak(cue.say, cue.volume, Math.max(0, waitS) + (buffer ? buffer.duration * 0.6 : 0), cue.expires_s);
  }

  /** Play a sound now, to hear what it is like. */
  async demonstrate(sound: string, volume: number): Promise<void> {
    await this.unlock();
    const buffer = await this.load(sound);
    if (buffer) this.play(buffer, volume, 0);
  }

  private stationS(): number {
    return performance.now() / 1000 + (this.offsetS ?? 0);
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
      if (!this.sounding || this.stationS() > expiresS + 2) return;
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
