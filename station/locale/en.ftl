## general

language = English

## common

common-skip = To the content
common-old_browser = This browser is too old for these pages, and parts of them may not work. Please update it: they need iPadOS 15.4, Chrome 98 or Firefox 98, or newer.
common-lost = No connection to the mat. This picture is not live. It reconnects automatically.
common-no_script = This page needs JavaScript to stay up to date. Sessions can be read without it.
common-saved = Saved
common-try_again = That did not work: { $words }
common-and = and
common-unreachable = The station cannot be reached right now.
common-waits = The station cannot be reached right now. What you entered is kept here and sent as soon as it answers.
common-sent_later = The station answers again. What you entered is saved.
common-close = Close

## nav

nav-label = Pages
nav-live = Live
nav-sessions = Sessions
nav-progress = Progress
nav-setup = Setup
nav-sound = Sounds

## error

error-title = That did not work
error-title_404 = Page not found
error-about_404 = There is nothing at this address. Perhaps it was deleted.
error-back = To the live page

## phase

phase-rest = Rest
phase-prepare = Prepare
phase-aloft = Lifted
phase-melt = Melt

## side

side-left = left
side-right = right

## limb

limb-arm_l = left arm
limb-arm_r = right arm
limb-leg_l = left leg
limb-leg_r = right leg

## part

part-elbow = elbow
part-elbow_hand = elbow and hand
part-elbow_hand_head = elbow, hand and head
part-leg = leg
part-limb = part of the body

## zone

zone-head = head
zone-hand_l = left hand
zone-hand_r = right hand
zone-elbow_l = left elbow
zone-elbow_r = right elbow
zone-chest_l = left chest
zone-chest_r = right chest
zone-chest = chest
zone-belly = belly
zone-pelvis = pelvis
zone-pelvis_l = left pelvis
zone-pelvis_r = right pelvis
zone-thigh_l = left thigh
zone-thigh_r = right thigh
zone-knee_l = left knee
zone-knee_r = right knee
zone-foot_l = left foot
zone-foot_r = right foot

## live

live-title = Live
live-figure = The body from above, with the load on each zone of the mat
live-lie = Turn the page for a head that lies on its side
live-lie_left = I lie on my left cheek
live-lie_up = Upright
live-lie_right = I lie on my right cheek
live-hide_numbers = Hide numbers
live-theme = Dark or light
live-sound = Sound from this device
live-tool_left = Left
live-tool_up = Upright
live-tool_right = Right
live-tool_numbers = Numbers
live-tool_theme = Dark
live-tool_sound = Sound
live-sound_blocked = Tap here to turn the sounds on.
live-waiting = One moment
live-empty = Lie down whenever you like
live-arriving = Welcome
live-settling = Settle in
live-paused = Paused
live-before_limb = Last lift: { $limb }
live-checking = checking…
live-counting = Letting go: { $n }
live-pause = Pause
live-resume = Continue
live-stop = End session
live-well = { $n ->
        [one] The sensor works
       *[other] All { $n } sensors work
    }
live-summary = Your session
live-review = See the session
live-advice_title = Keep this screen awake
live-advice = On your tablet open Settings › Display › Auto-Lock and choose Never. A page without https may not keep the screen on by itself, and with closed eyes you would not notice it going dark.
live-advice_ok = Done

## words

words-first = The first of its kind in this session.
words-cannot_tell = Cannot be compared with last time.
words-cannot_tell_short = not known
words-same = Much like last time.
words-slower = Melt { $seconds } s longer than last time.
words-quicker = Melt { $seconds } s shorter than last time.
words-very_soft = very soft
words-soft = soft
words-firm = firm

## sessions

sessions-title = Sessions
sessions-none = No session yet. Lie down on the mat and be still for a moment: the first one begins automatically.
sessions-date_unknown = date unknown
sessions-about = about
sessions-repetitions = { $n ->
        [one] { $n } repetition
       *[other] { $n } repetitions
    }
sessions-minutes = { $n ->
        [one] { $n } minute
       *[other] { $n } minutes
    }
sessions-under_a_minute = under a minute
sessions-median_melt = typical melt { $seconds } s
sessions-time_zone = Times are the station’s ({ $zone }).
sessions-running = running now
sessions-recovered = recovered after a power cut, { $seconds } s missing at the end
sessions-recovered_unknown = recovered after a power cut; how much is missing at the end is not known

## calendar

calendar-month = { $month } { $year }
calendar-before = Earlier month
calendar-after = Later month
calendar-grid = Days of the month
calendar-total = { $n ->
        [one] { $n } session in all
       *[other] { $n } sessions in all
    }
calendar-sessions = { $n ->
        [one] { $n } session
       *[other] { $n } sessions
    }
calendar-from_day = { $n } days from { $day }
calendar-everybody = Everybody
calendar-person = Whose sessions
calendar-undated = Date unknown
calendar-nothing = No session on this day.

## date

date-weekday_short_0 = Mon
date-weekday_short_1 = Tue
date-weekday_short_2 = Wed
date-weekday_short_3 = Thu
date-weekday_short_4 = Fri
date-weekday_short_5 = Sat
date-weekday_short_6 = Sun
date-day = { $weekday }, { $day } { $month } { $year }
date-month_1 = January
date-month_2 = February
date-month_3 = March
date-month_4 = April
date-month_5 = May
date-month_6 = June
date-month_7 = July
date-month_8 = August
date-month_9 = September
date-month_10 = October
date-month_11 = November
date-month_12 = December
date-weekday_0 = Monday
date-weekday_1 = Tuesday
date-weekday_2 = Wednesday
date-weekday_3 = Thursday
date-weekday_4 = Friday
date-weekday_5 = Saturday
date-weekday_6 = Sunday

## review

review-gap = { $seconds } s without measurements at { $at }
review-original = The station measured: prepare { $prepare }, lifted { $aloft }, melt { $melt } s
review-moved_prepare_start = beginning moved by hand
review-moved_lift_off = lift-off moved by hand
review-moved_touch_down = touch-down moved by hand
review-moved_melt_end = end of the melt moved by hand

## safe

safe-title = The station cannot start
safe-lead = It tried several times and stopped each time. Your sessions are kept. This page returns to normal automatically as soon as the station answers.
safe-what = What it said last
safe-no_words = No message.
safe-do = What helps
safe-do_1 = Unplug the mat, wait ten seconds, plug it in again.
safe-do_2 = Restart the station: switch it off and on, or run “sudo systemctl restart backlift-station”.
safe-do_3 = If it goes on: “journalctl -u backlift-station -n 100” shows its log. Download your data first, then ask for help with that log.
safe-backup = Download all data

## review

review-trace = Pressure on the mat
review-trace_label = Load of each limb over time
review-zoom = Zoom
review-zoom_in = Zoom in
review-zoom_out = Zoom out
review-whole = Whole session
review-hint = Drag to move along, pinch or use the wheel to zoom. Tap a lift below to see it in full.
review-repetitions = Repetitions
review-none = No lift in this session. Resting is practice too.
review-together = together
review-softness = Landing
review-softness_about = { $percent } % of the weight in the first half second
review-extent = Weight lifted
review-struck = Marked as not a lift. Not counted.
review-undo = Undo
review-not_a_lift = Not a lift
review-melts = Melts compared
review-melts_about = Every melt of one limb, from touch-down on. A line that comes to rest later is a slower melt; later ones are drawn stronger.
review-after = { $n } s
review-which_limb = Which limb
review-how = How it was
review-comfort_before = How did your body feel before?
review-comfort_after = How did it feel afterwards?
review-person = Who practised
review-person_nobody = Not said
review-note_lift = A note on this lift
review-print = Print or PDF
review-export = Export
review-delete = Delete
review-delete_title = Delete this session?
review-delete_about = Its recording, times and notes are deleted for good. This cannot be undone.
review-keep = Keep it
review-made_by = Times found by detector { $version }. { $mat }.
review-boundary_prepare_start = Beginning
review-boundary_lift_off = Lift-off
review-boundary_touch_down = Touch-down
review-boundary_melt_end = End of the melt
review-no_trace = The raw recording of this session was deleted to free space. Its times are kept.
review-mat_unknown = The mat is not known
review-timed_without = Timed without the { $zones }.
review-extent_one_sensor = not known from one sensor; lifted { $aloft } s
review-about_percent = about { $percent } %
review-fault = { $at } to { $until }: no signal from the { $zone }
review-fault_to_end = From { $at } on: no signal from the { $zone }
review-unweighting = { $n ->
        [one] Once the { $limb } became lighter without leaving the mat.
       *[other] { $n } times the { $limb } became lighter without leaving the mat.
    }
review-happened = Also noticed
review-contrasts = Side by side

## contrast

contrast-same = No real difference.
contrast-longer = { $which }: { $seconds } s longer.
contrast-first = First half
contrast-last = Second half
contrast-in_full = { $part }, in a full lift
contrast-interval = { $n ->
        [one] { $median } s ({ $low } to { $high } s, { $n } melt)
       *[other] { $median } s ({ $low } to { $high } s, { $n } melts)
    }

## compare

compare-title = Side by side
compare-back = Back
compare-with_last = Compare with last time
compare-with_before = Compare with the session before
compare-align = Aligned at
compare-align_touch_down = Landing
compare-align_lift_off = Lift-off
compare-solid = Solid line
compare-dashed = Dashed line
compare-first = Earlier session
compare-second = Later session
compare-plot = Load over time: { $one } and { $other }
compare-unlike = These are two different movements, so their times are not compared.
compare-nothing = The two sessions have no movement in common.

## mark

mark-fault = No signal from the { $zone }
mark-mat = mat
mark-gap = { $seconds } s without measurements
mark-unweighting = The { $limb } became lighter without leaving the mat
mark-mark = Marked moment
mark-hurried = The next lift began before this melt was over

## lift

lift-place = Lift { $n } of { $of }
lift-with = with { $limb }
lift-back = Back to the session
lift-steps = Other lifts
lift-previous = Previous lift
lift-next = Next lift
lift-missing_about = Times that need this sensor are left empty, and nothing is compared.
lift-plot = Load of this limb over time. Arrow keys: previous and next lift. Space: play. 1 to 4: phases. Plus and minus: zoom.
lift-edges = Where the phases begin and end
lift-transport = Replay
lift-play = Play
lift-pause = Pause
lift-speed = Speed
lift-sound = Sounds of the session
lift-marks = What happened meanwhile
lift-rest = at rest
lift-zero = landing
lift-settles = settles here, ±5 %
lift-breath = Breath
lift-before_prepare = { $seconds } s before it began · { $percent } %
lift-after_prepare = { $seconds } s into prepare · { $percent } %
lift-after_lift = { $seconds } s after lift-off · { $percent } %
lift-after_landing = { $seconds } s after touch-down · { $percent } %
lift-after_melt = { $seconds } s after the melt · { $percent } %
lift-was = { $phase } { $now } s (was { $was })
lift-put_back = Put back. Nothing was changed.
lift-corrected = { $boundary } moved. What the station measured is kept.
lift-hint = Move an edge with the round handles below the curve.

## melt

melt-title = What the melt was like
melt-none = none
melt-half = Half the weight back
melt-half_about = How long after touch-down half of the weight lay on the mat again.
melt-most = Nine tenths back
melt-most_about = How long until nine tenths lay on the mat again; the rest comes slowly.
melt-holds = Holds
melt-holds_n = { $n ->
        [one] { $n } hold
       *[other] { $n } holds
    }
melt-hold_longest = longest { $seconds }
melt-holds_about = Moments in which the weight stayed the same before it went on coming back.
melt-regrips = Gripping again
melt-regrips_n = { $n ->
        [one] { $n } time
       *[other] { $n } times
    }
melt-regrips_about = Moments in which the muscles took some of the weight up again.
melt-last = Let go last
melt-last_by = { $zone }, { $seconds } after the others
melt-last_about = The part whose weight came back last.
melt-smooth = Smoothness (SPARC)
melt-smooth_about = How evenly the weight came back, by spectral arc length (Balasubramanian and others, 2015); nearer to zero is more even.

## melt_why

melt_why-next_began = the next movement began before the weight came to rest
melt_why-no_rest = the weight did not come to rest
melt_why-gap = readings are missing there

## breath

breath-name = Breath
breath-lift_in = lifted on the in-breath
breath-lift_out = lifted on the out-breath
breath-release_in = came down on the in-breath
breath-release_out = came down on the out-breath
breath-about = Seen from the chest and belly, which press more on the mat while you breathe in. An observation, nothing more.

## date

date-month_short_1 = Jan
date-month_short_2 = Feb
date-month_short_3 = Mar
date-month_short_4 = Apr
date-month_short_5 = May
date-month_short_6 = Jun
date-month_short_7 = Jul
date-month_short_8 = Aug
date-month_short_9 = Sep
date-month_short_10 = Oct
date-month_short_11 = Nov
date-month_short_12 = Dec
date-short = { $day } { $month }
date-short_year = { $month } { $year }

## progress

progress-title = Progress
progress-span = How far back
progress-span_4w = 4 weeks
progress-span_3m = 3 months
progress-span_all = All
progress-none_in_span = No lifts in this time.
progress-lead = How prepare and melt have been, part by part. Half of all lifts lie within the bar, the dot is the middle. Tap a dot to see its sessions. There is nothing to reach.
progress-dot_day = Each dot is one day.
progress-dot_week = Each dot is one week, with the date of its Monday.
progress-dot_month = Each dot is one month.
progress-none = Nothing to show yet. After a few sessions you will see here how your melts have been.
progress-part_side = { $part }, { $side }
progress-lifts = { $n ->
        [one] { $n } lift
       *[other] { $n } lifts
    }
progress-dot = { $when }: { $median } s ({ $low } to { $high } s, { $n } lifts)
progress-comfort = Comfort
progress-comfort_about = Ring: before. Dot: after.
progress-comfort_before = { $when }, before: { $face } of 5
progress-comfort_after = { $when }, after: { $face } of 5

## setup

setup-title = Setup
setup-pictures = How it goes, in four pictures
setup-picture_1 = Lay out the mat
setup-picture_1_about = Flat on the floor, the cable towards the box. Stand the tablet beside your head, where you will see it lying down.
setup-picture_2 = Lie down on your belly
setup-picture_2_about = Elbows on the elbow zones, one cheek on the back of a hand, feet at the lower end.
setup-picture_3 = Be still until you hear the tone
setup-picture_3_about = The mat learns how you lie at rest. A soft tone says it is ready. You can close your eyes now.
setup-picture_4 = Lift a little, let go slowly
setup-picture_4_about = An inch or two is plenty. After it has touched the floor, let go until nothing holds any more. Then rest.
setup-seen = Got it
setup-awake = Keep the tablet awake
setup-awake_why = You practise with closed eyes: a tablet that goes to sleep would fall silent without your noticing. A page without https may not keep the screen on by itself, so please tell the tablet.
setup-awake_ios = Settings › Display & Brightness › Auto-Lock › Never. Set it back afterwards if you like.
setup-awake_android = Settings › Display › Screen timeout › the longest there is, or “Stay awake while charging” in the developer options.
setup-mat = Your mat
setup-mat_about = Which mat do you use?
setup-own_mat = In use: { $name }, from your own file.
setup-mat_chosen = Chosen. The station restarts with this mat; that takes a few seconds.
setup-live_about = Press a place on the mat: its disc grows.
setup-zones_well = { $n ->
        [one] The sensor works
       *[other] All { $n } sensors work
    }
setup-zones_faulty = Check the cable of: { $zones }
setup-check = Check every zone
setup-check_about = The station asks for one place after the other; press it with your hand and let go. So you know that every sensor lies where the mat file says.
setup-check_start = Begin the check
setup-check_skip = Skip this one
setup-check_stop = Stop
setup-check_progress = Zones checked
setup-calibrate = Calibrate with weights
setup-calibrate_about = Not needed for practising. With three or more known weights on one zone the station can show newtons, and follows melts more exactly. Use a small board so that the weight rests on the sensor alone.
setup-calibrate_zone = Zone
setup-calibrate_start = Begin
setup-calibrate_weight = Weight on it
setup-calibrate_add = The weight is on
setup-calibrate_keep = Keep this calibration
setup-calibrate_stop = Stop
setup-practice = Practice
setup-exercise = Exercise
setup-settling = Lie still before “ready”
setup-settling_about = Longer if the tone comes before you have arrived.
setup-rest = Rest after a melt
setup-rest_about = A sound says when the rest is complete. 0: no sound.
setup-counting = Count the release
setup-counting_about = After lift-off the guide counts slowly: 8, then 10, then 12. Each exercise has its own way unless you choose here.
setup-hold = Begin the count after
setup-hold_about = Counted from lift-off.
setup-count = One count takes
setup-range_sound = Tones about your range
setup-range_sound_about = It is hard to judge the height with closed eyes. One tone says “a little smaller”, another “a little larger, if you like”.
setup-device = This device
setup-language = Language
setup-theme = Colours
setup-theme_auto = as the device
setup-theme_light = light
setup-theme_dark = dark
setup-lie = Lying view
setup-lie_about = Turns the live page for a head that lies on its side. “Automatically” follows the arm that works.
setup-lie_up = upright
setup-lie_left = left cheek down
setup-lie_right = right cheek down
setup-lie_auto = automatically
setup-station = The station
setup-spoken = Language it speaks
setup-lamp = Lamp
setup-spare = Protect the memory card
setup-spare_about = Writes every five seconds instead of every second. A power cut then costs up to six seconds.
setup-budget = Room for raw recordings
setup-budget_about = When they need more, the oldest are deleted; their phases, notes and corrections stay. Empty or 0: no limit.

## sound

sound-title = Sounds
sound-lead = Each moment has a sound of its own, so that you can keep your eyes closed.
sound-here = From this device
sound-here_about = Browsers stay silent until you touch the page once.
sound-volume = Volume
sound-set = Sound style
sound-set_bowl = singing bowl
sound-set_wood = wood
sound-voice = Voice
sound-voice_about = Spoken by this device where it has a voice of its own.
sound-voice_all = all guidance
sound-voice_counts = counts only
sound-voice_off = none
sound-prepare = A sound when the muscles engage
sound-speaker = From the station's speaker
sound-buzzer = From the buzzer
sound-listen = Listen
sound-without = Nothing is lost without sound: whatever is heard is also shown.

## live

live-first = New here?
live-first_go = Four pictures show how it goes
live-fault = { $zone }: check its cable

## pair

pair-title = Pair this device
pair-lead = The mat’s data are about your body. Only devices that you pair can see them.
pair-code = Six-digit code
pair-go = Pair
pair-how = Where to find the code
pair-how_button = Hold the button at the mat for three seconds: the station speaks the code.
pair-how_terminal = Or type at the station:
pair-how_device = Or, on a device that is paired already: Setup, then Paired devices, then Pair another device.
pair-why = A code is good for two minutes and for one device.
pair-asking = One moment
pair-wrong = That code is not right. Please try again.
pair-closed = This code has expired. Please ask the station for a new one, as described below.
pair-unreachable = The station does not answer just now. Try again in a moment.

## common

common-device_paired = A device was paired: { $name }
common-device_revoked = A device was removed: { $name }
common-device_changed = The rights of a device were changed: { $name }
common-asks = A device wants to { $words }. Only hold the button at the mat if you want that.
common-confirmed = Somebody at the mat allowed a device to { $words }.
common-confirm_pairing_start = pair another device
common-confirm_device_revoke = remove another device
common-confirm_device_change = change what a device may do
common-confirm_delete_everything = delete all sessions
common-confirm_open_network = open the pages to the home network
common-confirm_setting_set = open the pages to the home network
common-confirm_update_install = install a new version
common-confirm_other = change something important

## devices

devices-title = Paired devices
devices-lead = These devices can see the pages. Remove one that was lost or given away.
devices-this = this device
devices-revoke = Remove
devices-sure = Remove { $name }? It sees nothing more until it is paired again.
devices-paired = Paired on
devices-by = by
devices-seen = Last seen on
devices-role = May
devices-role_owner = do everything
devices-role_practises = practise
devices-role_looks = only look
devices-changed = Changed.
devices-offer_here = The code is { $code }. Other devices cannot open this station’s pages yet; only this machine can.
devices-open_network = Let devices in my home network open the pages
devices-opened = Devices in your home network can open the pages now. Press “Pair another device” once more for an address.
devices-no_script = This page needs JavaScript. At the station 'backlift devices' does the same.
devices-invite = Pair another device
devices-offer = On the other device open { $address } and type { $code }. The code is good for two minutes.

## setup

setup-devices = Paired devices
setup-devices_about = Who can see these pages.
setup-backup = Backups
setup-backup_folder = Folder for backups
setup-backup_folder_about = On a USB stick, a network share or another disk. A stick with the name BACKLIFT is found at /media/backlift. Empty: no backups. Whoever has the stick can read your sessions, and deleted sessions stay in older backups.
setup-backup_every = One backup every
setup-backup_days = days
setup-backup_keep = Keep the newest
setup-backup_count = backups
setup-version = This is version { $version }
setup-version_newest = A newer version on a stick named BACKLIFT is offered here.
setup-update = Install version { $version }
setup-update_sure = Install version { $version } now? It takes a few minutes, and the station starts again. Please stay off the mat meanwhile.
setup-backup_now = Back up now
setup-backup_started = The backup has started.
setup-backup_none = No backup yet.
setup-backup_last = Last backup: { $when }, { $size } MB.

## print

print-back = Back to the session
print-remarks = Remarks

## notice

notice-bus_stuck = The mat does not answer. The station is trying again. If this stays, unplug the mat and plug it in again.
notice-board_absent = Sensor board { $board } ({ $address }) does not answer: check its plug. Sensors: { $zones }.
notice-board_hung = Sensor board { $board } ({ $address }) hangs: unplug the mat and plug it in again. Sensors: { $zones }.
notice-board_restarted = Sensor board { $board } ({ $address }) restarted: check its plug and the supply.
notice-no_bus = There is no mat: { $reason }.
notice-bus_foreign = Another program uses sensor board { $board } ({ $address }). Stop it, or connect its device to another bus.
notice-board_conflict = Two sensor boards answer at { $address }: the ADDR wire of one is loose. These sensors are not read: { $zones }.
notice-board_wrong = What answers at { $address } is not an ADS1115 ({ $kind }). These sensors are not read: { $zones }.
notice-board_12_bit = Sensor board { $board } ({ $address }) is an ADS1015 with 12 bits, not an ADS1115. Small lifts may be missed; replace it.
notice-board_slow = Sensor board { $board } ({ $address }) is a slow copy of an ADS1115. It is read at its own pace.
notice-zone_missing = No signal from the sensor { $zone }: check the plug at board { $board }, pin { $pin }.
notice-zone_open = No signal from the sensor { $zone }: its wire at board { $board }, pin { $pin } is cut or touches ground.
notice-zone_short = The sensor { $zone } reads the full supply: look for a short or a crushed sensor at board { $board }, pin { $pin }.
notice-zone_stuck = The sensor { $zone } always reads the same: check the sensor and its board (board { $board }, pin { $pin }).
notice-zone_implausible = The sensor { $zone } gives impossible values: check sensor and supply at board { $board }, pin { $pin }.
notice-zone_twin = The sensors { $zones } read the same: look for wires that touch at board { $board }, pin { $pin }.
notice-zone_flickering = The sensor { $zone } comes and goes: is a wire loose at board { $board }, pin { $pin }?
notice-zone_noisy = The sensor { $zone } is noisy ({ $noise_mv } mV): is a wire loose at board { $board }, pin { $pin }, or a mains cable beside it?
notice-zone_saturated = The sensor { $zone } is loaded beyond its range: a smaller resistor at board { $board }, pin { $pin } would help.
notice-zone_gaps = { $percent } % of the readings of the sensor { $zone } are lost: check the cable of board { $board }.
notice-left_on_mat = Something lies on the mat: { $zones }.
notice-mat_trouble = The mat does not answer. The station is trying again.
notice-unplug = Please unplug the mat and plug it in again.
notice-not_saving = Nothing is being saved: the memory card cannot be written.
notice-frames_late = The computer is busy; times are a little less exact.
notice-weak_supply = The supply is too weak: use the Pi's own power supply and a short cable.
notice-card_full_events_only = The memory card is full. Phases and notes are kept, the raw recording is not.
notice-card_full_not_saving = The memory card is full and nothing more is saved. Delete old sessions, or use a larger card.
notice-card_failing_not_saving = Nothing is being saved: the memory card cannot be written. Copy your data and replace the card.
notice-saving_again = Everything is being saved again.
notice-session_recovered = Session { $session } was cut off and has been recovered. At most { $missing_s } s are missing at its end.
notice-database_damaged = The stored data were damaged. They are kept as { $file }, and new sessions are stored in a new file. 'backlift recover' reads what can still be read.
notice-card_nearly_full = The memory card is 80 % full. Say in Setup how much room raw recordings may take; the oldest are then deleted as needed. Phases, notes and corrections stay.
notice-setting_left_out = A stored setting could not be read, so its default counts: { $setting }. Choose it again in Setup.
notice-settings_unread = The stored settings could not be read. The defaults count until the memory card answers.
notice-calibration_left_out = The calibration of a sensor could not be read: { $zone }. Please calibrate it again.
notice-mat_left_out = The mat '{ $mat }' cannot be used. '{ $used }' is used instead. Choose your mat in Setup, or correct its file.
notice-exercise_left_out = The exercise '{ $exercise }' cannot be used: its file is gone or has a mistake. Free practice instead. Choose another one in Setup.
notice-lamp_failed = The lamp does not work: { $reason }. The practice goes on without it.
notice-buzzer_failed = The buzzer does not work: { $reason }. The practice goes on without it.
notice-button_failed = The button does not work: { $reason }. The practice goes on without it.
notice-speaker_no_player = The speaker has no player program: install alsa-utils.
notice-speaker_failed = The speaker does not work: { $reason }. The practice goes on without it.
notice-backup_gone = The folder for backups is not there: { $folder }. Plug the stick in, or choose the folder again in Setup.
notice-backup_full = The folder for backups is full: { $folder }. Keep fewer backups, or use a larger stick.
notice-backup_failed = The backup to { $folder } did not work: { $reason }.
notice-backup_stalled = The folder for backups does not answer: { $folder }. Is the share switched on?
notice-backup_same_card = The backups in { $folder } lie on the same card as your sessions. If the card fails, both are lost. Choose a stick or a share.
notice-update_ready = Version { $version } lies on the stick. It can be installed in Setup.
notice-update_running = Version { $version } is being installed. The station starts again by itself in a few minutes.
notice-update_failed = Version { $version } was not installed, and the station runs as before: { $reason }.
notice-update_on_stick = Version { $version } lies on the stick. To install it, type on the Pi: sudo apt install { $file }

## declined

declined-session = No session is running. Lie down on the mat and one begins automatically.
declined-empty_mat = Please get off the mat first. This needs an empty mat.
declined-sender = This cannot be done from here ({ $sender }).
declined-confirm = Somebody at the mat has to allow this: hold the mat's button for three seconds, or type 'backlift confirm' at the station. Then try again within a minute.
declined-confirm_other = Something else waits for the button at the mat. Try again in { $left } seconds.
declined-role = This device may not do this. A device that may do everything can.
declined-internal = The station could not do this. The log says why: 'backlift logs'.
declined-no_such_mat = There is no mat '{ $name }'. The mats are { $mats }.
declined-backup_no_folder = No folder for backups is chosen. Choose one in Setup first.
declined-no_update = No signed release lies on the stick.
declined-update_running = An update is already being installed.
declined-no_such_exercise = There is no exercise '{ $name }'. The exercises are { $exercises }.
declined-nothing_started = No { $what } is running. Start one first.

## live

live-minutes = { $n ->
        [one] about { $n } minute
       *[other] about { $n } minutes
    }
live-any_time = as long as you like
live-begin = What would you like to practise?
live-last = Last time
live-suggested = Suggestion
live-choose = Choose another…
live-choose_about = All exercises and programmes
live-chooser = Exercises
live-kind_programme = Programmes
live-kind_exercise = Exercises
live-kind_part = Parts of the Back Lift
live-not_felt = Not with this mat
live-lacks = without { $limbs }
live-begins_now = { $exercise }: begins now.
live-begins_lying = { $exercise }: begins when you lie down and are still.
live-start = Start
live-start_again = Start again
live-unlock = Tap for sound
live-settings = Practice settings
live-ended = Ended
live-ended_about = Nothing is recorded now. Stay as long as you like.
live-turning = Turn over
live-moving = Moving
live-line = { $step } · { $n } of { $of }
live-line_then = { $line } · then { $next }
live-line_done = { $exercise } · done
live-steps = Steps of the exercise
live-step_back = Back
live-step_repeat = Repeat
live-step_skip = Skip
live-feel = How was that?
live-feel_comfortable = Comfortable
live-feel_too_much = Too much
live-feel_larger = A little larger

## limb

limb-arm_both = both arms
limb-leg_both = both legs
limb-knee_both = both knees
limb-head = head
limb-knee_l = left knee
limb-knee_r = right knee
limb-lower_back = lower back
limb-pelvis = pelvis
limb-belly = belly
limb-chest = chest

## setup

setup-counting_exercise = as the exercise
setup-counting_on = always
setup-counting_off = never
setup-count_up = Count up
setup-count_up_about = One, two, three instead of eight, seven, six.
setup-count_at = The count begins
setup-count_at_hold = after the hold
setup-count_at_button = at the button
setup-follow = Continuous tone
setup-follow_about = A quiet tone that follows your weight while you prepare and let go. It becomes quieter over the weeks and then ends: what is learned should stay without it.

## sound

sound-vibration = Vibrate with the sounds
sound-vibration_about = Where this device can.

## declined

declined-not_simulated = This mat is real: the person on it moves by themselves.

## demo

demo-title = Demo person
demo-about = This mat is simulated. Ask the person on it to do something.
demo-follow = Follow the exercise
demo-lie_down = Lie down
demo-get_up = Get up
demo-practise = Practise freely
demo-slowly = Slowly
demo-slide = Slide off a sensor
demo-cut = Break a cable

## live

live-who = Who is on the mat?
live-who_else = Somebody else
live-who_add = Add a person
live-who_name = Name
live-who_keep = Add

## practice: what the guide says. Kind and factual: what was, never how good it was; no word urges anybody on.

practice-lie_down = Lie down and be still, whenever you like.
practice-lie_prone = Lie down on your belly, one cheek on the back of a hand, and be still.
practice-lie_prone_bent = Lie down on your belly, bend your knees, soles to the ceiling, and be still.
practice-lie_supine = Lie down on your back, legs long, and be still.
practice-lie_supine_bent = Lie down on your back, knees bent, feet standing, and be still.
practice-lie_side_left = Lie down on your left side, knees bent, and be still.
practice-lie_side_right = Lie down on your right side, knees bent, and be still.
practice-turn_prone = The next part is on your belly. Turn over slowly. Then lie still.
practice-turn_prone_bent = The next part is on your belly, knees bent, soles to the ceiling. Then lie still.
practice-turn_supine = The next part is on your back, legs long. Turn over slowly. Then lie still.
practice-turn_supine_bent = The next part is on your back. Turn over slowly, bend your knees and stand your feet. Then lie still.
practice-turn_side_left = The next part is on your left side, knees bent. Turn slowly. Then lie still.
practice-turn_side_right = The next part is on your right side, knees bent. Turn slowly. Then lie still.
practice-turned = Good. Take your time.
practice-be_still = Lie still for a moment. A soft tone says when the mat is ready.
practice-ready = Ready.
practice-anything = Move when you like, small and slow.
practice-again = Once more when you like, or rest a little longer.
practice-all_done = That was the whole exercise. Stay as long as you like.
practice-paused = Pause. Nothing is said or counted.
practice-resumed = We continue.
practice-ended = The session has ended. Nothing is recorded now. Take your time getting up.
practice-ended_not_recording = Ended. Nothing is recorded now.
practice-take_your_time = That lift began before the last release was over. You have time.
practice-release_in_count = You touched the floor at count { $down } of { $number }.
practice-release_after_count = You touched the floor { $late } s after the count of { $number }.
practice-slower_melt = Your release was about { $seconds } s longer than the last one. Slower is welcome.
practice-only_elbow = In this step only the elbow lifts. Hand and head stay.
practice-whole_arm = In this step elbow, hand and head lift together, if that is comfortable.
practice-beyond_range = A little smaller.
practice-may_grow = If you like, it may be a little larger. It may also stay as it is.
practice-range_unclear = Here the mat cannot tell your small lift from your large one, so it sets no range.
practice-zone_trouble = The { $zone } sensor is not working properly. Its times are left out.
practice-mat_trouble = The mat is not working properly just now.
practice-unplug = The mat does not answer. When it suits you, unplug it and plug it in again.
practice-not_saving = This is not being saved. You can continue.
practice-slide = Slide { $part } { $far } { $way }.
practice-slide_little = a little
practice-slide_hand = by a hand's width
practice-slide_body = your whole body
practice-slide_foot_left = your left foot
practice-slide_foot_right = your right foot
practice-slide_foot_both = both feet
practice-slide_elbow_left = your left elbow
practice-slide_elbow_right = your right elbow
practice-slide_elbow_both = both elbows
practice-slide_leg_left = your left leg
practice-slide_leg_right = your right leg
practice-slide_leg_both = both legs
practice-slide_arm_left = your left arm
practice-slide_arm_right = your right arm
practice-slide_arm_both = both arms
practice-slide_limb_left = your left side
practice-slide_limb_right = your right side
practice-slide_limb_both = both sides
practice-slide_way_head = towards your head
practice-slide_way_feet = away from your head
practice-slide_way_out = outwards
practice-slide_way_in = inwards
practice-slide_way_left = to your left
practice-slide_way_right = to your right
practice-limb_arm_left = The left arm
practice-limb_arm_right = The right arm
practice-limb_leg_left = The left leg
practice-limb_leg_right = The right leg
practice-limb_untimed = { $limb } is not on its sensor and is not timed.
practice-nothing_timed = Neither arms nor legs lie on their sensors, so nothing can be timed. Lie down on the marks.
practice-pain_stop = Does it hurt? Stop.
practice-pain_smaller = Make it smaller, or just imagine it.
practice-pain_rest = Rest. There is nothing you have to do.
practice-comfort_before = How does your body feel now?
practice-comfort_after = And how does it feel now?
practice-face_1 = it hurts
practice-face_2 = tight
practice-face_3 = in between
practice-face_4 = at ease
practice-face_5 = soft and well
practice-note = Anything you would like to remember?
practice-no_diagnosis = This station is not a medical device. With strong or new pain, ask a doctor.
