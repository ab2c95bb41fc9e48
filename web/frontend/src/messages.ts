// Made from messages.schema.json by `npm run types`; do not edit.
// schema sha256: 3fd89b286b33825169cd0130e3e37a7b7116bf8d4dc7f50aaf53d12fd921f1e0

/**
 * One thing to tell.
 *
 *     zones: lead zones that lack load.  part: "foot", "elbow", ... or "body".  side: None for both.  towards: which way to slide it.
 *     far: by a hand's width rather than a little: the sensor feels nothing of it, so it lies well beside.
 *     load_at: the neighbour that carries what they lack, if one does.
 */
export interface Advice {
  far: boolean;
  load_at: string | null;
  part: string;
  side: ("left" | "right") | null;
  towards: "feet" | "head" | "in" | "left" | "out" | "right";
  zones: string[];
}
/**
 * Copy all data into the folder for backups now; the setting `backup.last` tells when it is done.
 */
export interface BackupNow {}
/**
 * The guided calibration of one zone; k, gamma, residual: the fit so far (hardware/calibration.py).
 */
export interface CalibrateEvent {
  gamma: number | null;
  k: number | null;
  points: CalibrationPoint[];
  residual: number | null;
  state: "declined" | "done" | "measuring" | "ready" | "stopped" | "waiting";
  words: string;
  zone: string | null;
}
/**
 * One known weight and the conductance it gave.
 */
export interface CalibrationPoint {
  force_n: number;
  siemens: number;
}
/**
 * Keep the calibration, if it is a good one.
 */
export interface CalibrateFinish {}
/**
 * The guided calibration of one zone; k, gamma, residual: the fit so far (hardware/calibration.py).
 */
export interface CalibrateMessage {
  gamma: number | null;
  k: number | null;
  points: CalibrationPoint[];
  residual: number | null;
  state: "declined" | "done" | "measuring" | "ready" | "stopped" | "waiting";
  type: "calibrate";
  words: string;
  zone: string | null;
}
/**
 * Begin to calibrate one zone with known weights.
 */
export interface CalibrateStart {
  zone: string;
}
/**
 * Give the calibration up.
 */
export interface CalibrateStop {}
/**
 * So many newtons now rest on the zone.
 */
export interface CalibrateWeight {
  force_n: number;
}
/**
 * Answer the check's question.
 */
export interface CheckAnswer {
  answer: string;
}
/**
 * The guided check of wiring and sensors: `step` of `steps`, what to do now, what was found so far.
 */
export interface CheckEvent {
  results: CheckFinding[];
  state: "asking" | "done" | "stopped";
  step: number;
  steps: number;
  words: string;
  zone: string | null;
}
/**
 * What the check found of one zone, or (zone None) of the boards.
 */
export interface CheckFinding {
  ok: boolean;
  words: string;
  zone: string | null;
}
/**
 * The guided check of wiring and sensors: `step` of `steps`, what to do now, what was found so far.
 */
export interface CheckMessage {
  results: CheckFinding[];
  state: "asking" | "done" | "stopped";
  step: number;
  steps: number;
  type: "check";
  words: string;
  zone: string | null;
}
/**
 * Begin the check of wiring and sensors.
 */
export interface CheckStart {}
/**
 * End the check.
 */
export interface CheckStop {}
/**
 * Speak a pairing code through the station's speaker.
 */
export interface CodeSay {
  code: string;
}
/**
 * How the body felt before or after a session, a face 1..5; null takes it back.
 */
export interface ComfortSet {
  face: number | null;
  moment: "after" | "before";
  session: number;
}
/**
 * Confirm what a paired device asked for and somebody at the station has to allow; answers with what it was, or null.
 */
export interface Confirm {}
/**
 * A paired device asked for something that somebody at the station has to confirm within `left_s`, or it was confirmed.
 *
 *     command: its name on the wire.
 */
export interface ConfirmEvent {
  command: string;
  confirmed: boolean;
  left_s: number;
  t_s: number;
}
/**
 * What waits for a confirmation, or null.
 */
export interface ConfirmGet {}
/**
 * A paired device asked for something that somebody at the station has to confirm within `left_s`, or it was confirmed.
 *
 *     command: its name on the wire.
 */
export interface ConfirmMessage {
  command: string;
  confirmed: boolean;
  left_s: number;
  t_s: number;
  type: "confirm";
}
/**
 * Move one boundary of a lift to `t_s` (monotonic seconds of its session), or say that it was no lift.
 */
export interface CorrectionAdd {
  boundary?: ("lift_off" | "melt_end" | "prepare_start" | "touch_down") | null;
  lift: number;
  not_a_lift?: boolean;
  session: number;
  t_s?: number | null;
}
/**
 * Take one correction back; without `correction` the latest.
 */
export interface CorrectionUndo {
  correction?: number | null;
  session: number;
}
/**
 * One sound, at a time.
 *
 *     sound: a name of station/practice/sounds.json, or HUSH.
 *     at_s, expires_s: monotonic seconds; not to be begun after `expires_s`.
 *     say: words for a voice, if there is one, with or after the sound; None where a sound is enough.
 *     volume: 0..1, of full loudness; 0 is silence (the cue still shows on the page).
 */
export interface Cue {
  at_s: number;
  expires_s: number;
  say: string | null;
  sound:
    | "beyond_range"
    | "count"
    | "count_last"
    | "end"
    | "hush"
    | "lift_off"
    | "may_grow"
    | "melt_done"
    | "misplaced"
    | "not_saving"
    | "pause"
    | "prepare"
    | "ready"
    | "rest_done"
    | "touch_down"
    | "trouble";
  volume: number;
}
/**
 * Delete all sessions really; with `settings_too` also settings, paired devices and calibrations.
 */
export interface DeleteEverything {
  settings_too?: boolean;
}
/**
 * Ask the simulated person to do something, or break a wire of the simulated mat; a real mat declines.
 */
export interface DemoSteer {
  act: "cut" | "follow" | "get_up" | "lie_down" | "mend" | "normal" | "practise" | "slide" | "slowly";
}
/**
 * Remember a paired device by the SHA-256 of its cookie, in hexadecimal, without an offer.
 */
export interface DeviceAdd {
  name: string;
  token_sha256: string;
}
/**
 * Give a paired device another name or role.
 */
export interface DeviceChange {
  device: number;
  name?: string | null;
  /**
   * @maxItems 50
   */
  persons?: number[];
  role?: ("looks" | "owner" | "practises") | null;
}
/**
 * A device was let in or shown out; everybody is told.
 */
export interface DeviceEvent {
  change: "changed" | "paired" | "revoked";
  name: string;
  t_s: number;
}
/**
 * A device was let in or shown out; everybody is told.
 */
export interface DeviceMessage {
  change: "changed" | "paired" | "revoked";
  name: string;
  t_s: number;
  type: "device";
}
/**
 * A paired device may not come in any more, nor may those it let in; `by`: the device that asks.
 */
export interface DeviceRevoke {
  by?: number | null;
  device: number;
}
/**
 * A paired device was seen.
 */
export interface DeviceTouch {
  device: number;
}
/**
 * The paired devices.
 */
export interface Devices {}
/**
 * Something is wrong with a zone (or with all of them, `zone` None), or it is well again (`over`).
 */
export interface Fault {
  kind: "flickering" | "gap" | "missing" | "open" | "short" | "stuck" | "twin";
  over: boolean;
  reported_at_s: number;
  t_s: number;
  words: string;
  zone: string | null;
}
/**
 * Something is wrong with a zone (or with all of them, `zone` None), or it is well again (`over`).
 */
export interface FaultMessage {
  kind: "flickering" | "gap" | "missing" | "open" | "short" | "stuck" | "twin";
  over: boolean;
  reported_at_s: number;
  t_s: number;
  type: "fault";
  words: string;
  zone: string | null;
}
/**
 * Go back to the step before.
 */
export interface GuideBack {}
/**
 * Begin the count of the release now.
 */
export interface GuideCount {}
/**
 * How the last lift was: the personal range gets smaller at once, and larger only when asked.
 */
export interface GuideFeel {
  feel: "comfortable" | "larger" | "too_much";
}
/**
 * Do this step again from its first repetition, and hear its instruction.
 */
export interface GuideRepeat {}
/**
 * Leave the rest of this step out.
 */
export interface GuideSkip {}
/**
 * Guide through an exercise, from a step on; without a name the one that was chosen.
 *
 *     Takes effect at once for somebody who lies there, else when they next lie down; the answer says which.
 */
export interface GuideStart {
  exercise?: string | null;
  step?: number;
}
/**
 * Stop guiding; phases are timed as before.
 */
export interface GuideStop {}
/**
 * What a glance shall show; part of the live state.
 *
 *     exercise, title: which exercise.  step, steps: 1-based number and how many (step None: free practice, or all done).
 *     step_title, limbs: what this step moves.  next_title: the step after it.  position: how the person lies for it.
 *     repetition, repetitions: made so far in this step, and planned.
 *     next: what comes next, in words.  state, since_s: where the practice is, and since which monotonic second.
 *     count: the count the person hears now (8, 7, ... 1) of `count_of`; None outside a count.
 *     pace: seconds of prepare, lift and melt that the ring is drawn for.
 *     trunk: how far a trunk movement has gone, 0 at rest, 1 a clear one; None where the step is none.
 *     may_grow: the limb whose range was comfortable for a while; it grows only when the person asks for it.
 *     last_sound, last_sound_at_s: for outputs that show instead of sounding.
 *     release: the last counted release.  hurried: lifts that began before the melt before them was over.
 *     rests_s: complete seconds of rest between repetitions, so far.  done: all steps are made.
 *     words: what there is to say now, gentlest last.
 */
export interface GuideView {
  count: number | null;
  count_of: number | null;
  done: boolean;
  exercise: string;
  hurried: number;
  last_sound:
    | (
        | "beyond_range"
        | "count"
        | "count_last"
        | "end"
        | "hush"
        | "lift_off"
        | "may_grow"
        | "melt_done"
        | "misplaced"
        | "not_saving"
        | "pause"
        | "prepare"
        | "ready"
        | "rest_done"
        | "touch_down"
        | "trouble"
      )
    | null;
  last_sound_at_s: number | null;
  limbs: string[];
  may_grow: string | null;
  next: string;
  next_title: string | null;
  pace: Pace;
  position: "any" | "prone" | "prone_bent" | "side" | "side_left" | "side_right" | "supine" | "supine_bent";
  release: Release | null;
  repetition: number;
  repetitions: number;
  rests_s: number[];
  since_s: number;
  state: "aloft" | "away" | "ended" | "melt" | "paused" | "prepare" | "rest" | "turning" | "waiting";
  step: number | null;
  step_title: string | null;
  steps: number;
  title: string;
  trunk: number | null;
  words: string[];
}
/**
 * Seconds of each phase.
 */
export interface Pace {
  aloft_s: number;
  melt_s: number;
  prepare_s: number;
}
/**
 * How one counted release went, measured in counts from the first count on.
 *
 *     touch_down, melt_end: 2.5 = halfway through the third count; above `number` when the count was over before; None: not known.
 */
export interface Release {
  count_s: number;
  limb: string;
  melt_end: number | null;
  number: number;
  touch_down: number;
}
/**
 * How the station is.
 */
export interface Health {}
/**
 * How the station is.  late_share: of the last minute's frames; counts since the start; notices: what a person should know.
 */
export interface HealthState {
  bus_errors: number;
  dropped: number;
  frames_lost: number;
  late: number;
  late_share: number;
  notices: Notice[];
  queue_frames: number;
  rate_hz: number;
  saving: "events_only" | "idle" | "not_saving" | "ok";
}
/**
 * One thing to know.  station/locale has a text of this code in every language and fills in `params`.
 *
 *     params: numbers and names; `zone`, `zones`, `limb` and `limbs` are names of the mat file, shown in the reader's words.
 *     severity: info (nothing to do), warning (times may suffer), trouble (practice or storage suffers now).
 */
export interface Notice {
  code: string;
  params: {
    [k: string]: string | number | string[];
  };
  severity: "info" | "trouble" | "warning";
}
/**
 * One limb's prepare, aloft and melt, finished.  Field names of the times follow the output contract of `backlift replay`.
 *
 *     kind "unweighting": load fell and returned without losing contact; "void": a fault or gap makes its times worthless.
 *     extent: share 0..1 of the limb's resting load that left the mat at the peak.
 *     settled_ratio: settled load / resting load.
 *     softness_share: share of the limb's resting load that came back within the first 0.5 s after touch-down (small = soft).
 *     parts: zones that left the mat, in the order they left.
 *     why_null: for each time that is None, the reason in plain words.
 */
export interface Lift {
  extent: number | null;
  kind: "lift" | "unweighting" | "void";
  lift_off: number | null;
  lift_off_sd: number | null;
  limb: string;
  melt_end: number | null;
  melt_end_sd: number | null;
  part: "elbow" | "elbow_hand" | "elbow_hand_head" | "leg" | "limb";
  parts: string[];
  prepare_start: number | null;
  prepare_start_sd: number | null;
  reported_at: {
    [k: string]: number;
  };
  settled_ratio: number | null;
  softness_share: number | null;
  touch_down: number | null;
  touch_down_sd: number | null;
  why_null: {
    [k: string]: string;
  };
}
/**
 * One limb's prepare, aloft and melt, finished.  Field names of the times follow the output contract of `backlift replay`.
 *
 *     kind "unweighting": load fell and returned without losing contact; "void": a fault or gap makes its times worthless.
 *     extent: share 0..1 of the limb's resting load that left the mat at the peak.
 *     settled_ratio: settled load / resting load.
 *     softness_share: share of the limb's resting load that came back within the first 0.5 s after touch-down (small = soft).
 *     parts: zones that left the mat, in the order they left.
 *     why_null: for each time that is None, the reason in plain words.
 */
export interface LiftMessage {
  extent: number | null;
  kind: "lift" | "unweighting" | "void";
  lift_off: number | null;
  lift_off_sd: number | null;
  limb: string;
  melt_end: number | null;
  melt_end_sd: number | null;
  part: "elbow" | "elbow_hand" | "elbow_hand_head" | "leg" | "limb";
  parts: string[];
  prepare_start: number | null;
  prepare_start_sd: number | null;
  reported_at: {
    [k: string]: number;
  };
  settled_ratio: number | null;
  softness_share: number | null;
  touch_down: number | null;
  touch_down_sd: number | null;
  type: "lift";
  why_null: {
    [k: string]: string;
  };
}
/**
 * Where one limb is now.
 *
 *     since_s: monotonic time this phase began.
 *     checking_since_s: in a melt that is about to be called over, since when the load is flat; None otherwise.
 */
export interface LiveLimb {
  checking_since_s: number | null;
  limb: string;
  load: number | null;
  phase: "aloft" | "melt" | "prepare" | "rest";
  since_s: number;
}
/**
 * What a tablet sees: the state message, but for its `type` and `seq`.
 *
 *     phase, limb, since_s: of the limb that is furthest from rest.  ended: the session was ended by hand and nothing is recorded.
 *     placement: how somebody lies beside the sensors; None where all is well.
 */
export interface LiveView {
  ended: boolean;
  guide: GuideView;
  health: HealthState;
  limb: string | null;
  limbs: LiveLimb[];
  mat: string;
  paused: boolean;
  phase: "aloft" | "melt" | "prepare" | "rest";
  placement: PlacementView | null;
  presence: "arriving" | "empty" | "settling" | "still";
  session: SessionState | null;
  since_s: number;
  t_s: number;
  zones: {
    [k: string]: ZoneState;
  };
}
/**
 * How the person lies now.
 *
 *     light: lead zones that carry too little.  untimed: limbs that cannot be timed as they lie; untimed_limbs: kind and side of each.
 *     nothing_timed: that is all of them.  advice: what was asked last and is
 *     not done yet.  settled: nothing more will be asked before the practice begins.
 */
export interface PlacementView {
  advice: Advice | null;
  light: string[];
  nothing_timed: boolean;
  settled: boolean;
  untimed: string[];
  untimed_limbs: never[][];
}
/**
 * The running session.  id: None until it is on the card.
 */
export interface SessionState {
  id: number | null;
  repetitions: number;
  started_t_s: number;
}
/**
 * One zone now.  load: relative to rest; load_n: newtons where calibrated; fault: something is wrong with it.
 */
export interface ZoneState {
  fault: boolean;
  load: number | null;
  load_n: number | null;
}
/**
 * Remember this moment in the running session.
 */
export interface Mark {
  text?: string;
}
/**
 * A moment was marked, with a text or none.
 */
export interface MarkEvent {
  t_s: number;
  text: string;
}
/**
 * A moment was marked, with a text or none.
 */
export interface MarkMessage {
  t_s: number;
  text: string;
  type: "mark";
}
/**
 * Use another of the mats that come with the project, from the next empty mat on.
 */
export interface MatChoose {
  name: string;
}
/**
 * Which mat is in use: its name and the text of its file.
 */
export interface MatGet {}
/**
 * The mats to choose from.
 */
export interface Mats {}
/**
 * Write a note on a session or on one of its lifts; empty text removes it.
 */
export interface NoteSet {
  lift?: number | null;
  session: number;
  text: string;
}
/**
 * Let the dashboard listen in the private network, or on this machine only.
 */
export interface OpenNetwork {
  open: boolean;
}
/**
 * A new device may be paired for `left_s`; the secret itself is told to nobody.
 */
export interface PairingEvent {
  left_s: number;
  t_s: number;
}
/**
 * A new device may be paired for `left_s`; the secret itself is told to nobody.
 */
export interface PairingMessage {
  left_s: number;
  t_s: number;
  type: "pairing";
}
/**
 * Let one new device in within two minutes; answers with the code and the secret of this offer.
 *
 *     role, persons: what the new device may do, and whose sessions it may see (none: everybody's).  by: the device that invites.
 */
export interface PairingStart {
  by?: number | null;
  /**
   * @maxItems 50
   */
  persons?: number[];
  role?: "looks" | "owner" | "practises";
}
/**
 * A new device shows the code or the secret of the offer, and the hash of the token it is to be known by.
 *
 *     The station checks it, so that the dashboard needs to know no offer.  Answers "paired", "wrong" or "closed".
 */
export interface PairingTry {
  code?: string | null;
  name: string;
  secret?: string | null;
  token_sha256: string;
}
/**
 * Stay quiet and do not guide until `resume`; recording goes on.
 */
export interface Pause {}
/**
 * The guide was paused.
 */
export interface PauseEvent {
  t_s: number;
}
/**
 * The guide was paused.
 */
export interface PauseMessage {
  t_s: number;
  type: "pause";
}
/**
 * Remember somebody who practises here; answers who it is.
 */
export interface PersonAdd {
  name: string;
}
/**
 * Forget a person and their settings; their sessions stay and are nobody's.
 */
export interface PersonRemove {
  person: number;
}
/**
 * Give a person another name.
 */
export interface PersonRename {
  name: string;
  person: number;
}
/**
 * One moment in a lift, as announced live.
 *
 *     `t_s` is when it happened, `reported_at_s` the time of the latest frame the announcement rests on.  A lift that must be given up
 *     (a gap, a dead lead zone) is closed with kind "void"; a prepare that led to nothing with "prepare_dropped".
 */
export interface PhaseEvent {
  kind: "lift_off" | "melt_end" | "prepare_dropped" | "prepare_start" | "touch_down" | "unweighting" | "void";
  limb: string;
  reported_at_s: number;
  sd_s: number | null;
  t_s: number;
  why: string | null;
}
/**
 * One moment in a lift, as announced live.
 *
 *     `t_s` is when it happened, `reported_at_s` the time of the latest frame the announcement rests on.  A lift that must be given up
 *     (a gap, a dead lead zone) is closed with kind "void"; a prepare that led to nothing with "prepare_dropped".
 */
export interface PhaseMessage {
  kind: "lift_off" | "melt_end" | "prepare_dropped" | "prepare_start" | "touch_down" | "unweighting" | "void";
  limb: string;
  reported_at_s: number;
  sd_s: number | null;
  t_s: number;
  type: "phase";
  why: string | null;
}
/**
 * The station's monotonic time, to set another clock by.
 */
export interface Ping {}
/**
 * The person is to lie otherwise, or has turned over: other zones carry the limbs now.
 */
export interface PositionEvent {
  position: "any" | "prone" | "prone_bent" | "side" | "side_left" | "side_right" | "supine" | "supine_bent";
  t_s: number;
}
/**
 * The person is to lie otherwise, or has turned over: other zones carry the limbs now.
 */
export interface PositionMessage {
  position: "any" | "prone" | "prone_bent" | "side" | "side_left" | "side_right" | "supine" | "supine_bent";
  t_s: number;
  type: "position";
}
/**
 * Who is on the mat: nobody, somebody moving, somebody settling, somebody lying still.
 */
export interface Presence {
  kind: "arriving" | "empty" | "settling" | "still";
  reported_at_s: number;
  t_s: number;
}
/**
 * Who is on the mat: nobody, somebody moving, somebody settling, somebody lying still.
 */
export interface PresenceMessage {
  kind: "arriving" | "empty" | "settling" | "still";
  reported_at_s: number;
  t_s: number;
  type: "presence";
}
/**
 * Analyse a stored session again with today's detector; the earlier result is kept.
 */
export interface Reanalyse {
  session: number;
}
/**
 * Lifts that belong together: one arm, one leg, or an arm and the opposite leg aloft at overlapping times.
 *
 *     side: the arm's side for "arm" and "full", else the leg's.  reported_at_s: when it was complete.
 */
export interface Repetition {
  kind: "arm" | "full" | "leg";
  lifts: Lift[];
  reported_at_s: number;
  side: "left" | "right";
}
/**
 * Lifts that belong together: one arm, one leg, or an arm and the opposite leg aloft at overlapping times.
 *
 *     side: the arm's side for "arm" and "full", else the leg's.  reported_at_s: when it was complete.
 */
export interface RepetitionMessage {
  kind: "arm" | "full" | "leg";
  lifts: Lift[];
  reported_at_s: number;
  side: "left" | "right";
  type: "repetition";
}
/**
 * Take up guiding again.
 */
export interface Resume {}
/**
 * The guide was taken up again.
 */
export interface ResumeEvent {
  t_s: number;
}
/**
 * The guide was taken up again.
 */
export interface ResumeMessage {
  t_s: number;
  type: "resume";
}
/**
 * Delete a session really.
 */
export interface SessionDelete {
  session: number;
}
/**
 * A session began or ended; repetitions: how many it had.
 */
export interface SessionEvent {
  kind: "ended" | "started";
  repetitions: number;
  t_s: number;
}
/**
 * A session began or ended; repetitions: how many it had.
 */
export interface SessionMessage {
  kind: "ended" | "started";
  repetitions: number;
  t_s: number;
  type: "session";
}
/**
 * Give a session to a person, or to nobody.
 */
export interface SessionPersonSet {
  person: number | null;
  session: number;
}
/**
 * Somebody is about to practise: end a pause, begin the guide anew.
 */
export interface SessionStart {}
/**
 * End the running session now, though somebody still lies on the mat.
 */
export interface SessionStop {}
/**
 * A setting has a new value.
 */
export interface SettingEvent {
  key: string;
  value: unknown;
}
/**
 * A setting has a new value.
 */
export interface SettingMessage {
  key: string;
  type: "setting";
  value: unknown;
}
/**
 * Keep one of the settings of station/settings.py; null goes back to its default.
 */
export interface SettingSet {
  key: string;
  value: unknown;
}
export interface StationEvent {
  event:
    | PhaseMessage
    | LiftMessage
    | RepetitionMessage
    | PresenceMessage
    | FaultMessage
    | SessionMessage
    | PauseMessage
    | ResumeMessage
    | MarkMessage
    | PositionMessage
    | SettingMessage
    | PairingMessage
    | DeviceMessage
    | ConfirmMessage
    | CheckMessage
    | CalibrateMessage;
  seq: number;
  session: number | null;
}
/**
 * Install the signed release on the stick; the station starts again, and goes back if the new version does not run.
 */
export interface UpdateInstall {}
