// One soft tone that follows the load, on the tablet: what still works is heard, and fades to nothing as all lets go.  The same law as
// station/practice/follow_tone.py; the audio clock smooths the steps between two states.

import type { LiveView } from "./messages";

const QUIET_SHARE = 0.05;
const LOW_HZ = 523.25;
const HIGH_HZ = 622.25;
const LOUDEST = 0.05;
const SMOOTH_S = 0.06;
const FADES_OVER = 30;

export class FollowTone {
  private gain: GainNode | null = null;
  private oscillator: OscillatorNode | null = null;
  private context: AudioContext | null = null;

  /** context: null while this device does not sound; volume 0..1; sessions: how many had the tone already. */
  follow(now: LiveView, context: AudioContext | null, volume: number, sessions: number): void {
    const level = now.session && !now.paused && !now.ended ? work(now) * volume * Math.max(0, 1 - sessions / FADES_OVER) : 0;
    if (context !== this.context) this.stop();
    if (!context || (level === 0 && !this.gain)) return;
    if (!this.gain || !this.oscillator) {
      this.context = context;
      this.gain = context.createGain();
      this.gain.gain.value = 0;
      this.oscillator = context.createOscillator();
      this.oscillator.frequency.value = LOW_HZ;
      this.oscillator.connect(this.gain).connect(context.destination);
      this.oscillator.start();
    }
    this.gain.gain.setTargetAtTime(level * LOUDEST, context.currentTime, SMOOTH_S);
    this.oscillator.frequency.setTargetAtTime(LOW_HZ * (HIGH_HZ / LOW_HZ) ** Math.min(1, level), context.currentTime, SMOOTH_S);
  }

  /** Nothing more is known: fade out. */
  lost(): void {
    if (this.context && this.gain) this.gain.gain.setTargetAtTime(0, this.context.currentTime, SMOOTH_S);
  }

  private stop(): void {
    this.oscillator?.stop();
    this.oscillator = this.gain = this.context = null;
  }
}

function work(now: LiveView): number {
  const changes = now.limbs.filter((limb) => limb.phase !== "rest" && limb.load !== null).map((limb) => Math.abs(1 - (limb.load ?? 1)));
  return Math.min(1, Math.max(0, (Math.max(0, ...changes) - QUIET_SHARE) / (1 - QUIET_SHARE)));
}
