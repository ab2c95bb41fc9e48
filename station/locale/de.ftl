## general

language = Deutsch

## common

common-skip = Zum Inhalt
common-old_browser = Dieser Browser ist zu alt für diese Seiten, manches geht vielleicht nicht. Bitte aktualisiere ihn: Die Seiten brauchen iPadOS 15.4, Chrome 98 oder Firefox 98, oder neuer.
common-lost = Keine Verbindung zur Matte. Das Bild ist nicht aktuell. Die Verbindung kommt von selbst wieder.
common-no_script = Diese Seite braucht JavaScript, um aktuell zu bleiben. Die Sitzungen lassen sich auch ohne lesen.
common-saved = Gespeichert
common-try_again = Das hat nicht geklappt: { $words }
common-and = und
common-unreachable = Die Station ist gerade nicht erreichbar.
common-waits = Die Station ist gerade nicht erreichbar. Deine Eingabe bleibt hier und wird gesendet, sobald sie antwortet.
common-sent_later = Die Station antwortet wieder. Deine Eingabe ist gespeichert.
common-close = Schließen

## nav

nav-label = Seiten
nav-live = Jetzt
nav-sessions = Sitzungen
nav-progress = Verlauf
nav-setup = Einrichten
nav-sound = Töne

## error

error-title = Das hat nicht geklappt
error-title_404 = Seite nicht gefunden
error-about_404 = Unter dieser Adresse gibt es nichts. Vielleicht wurde es gelöscht.
error-back = Zur Seite „Jetzt“

## phase

phase-rest = Ruhe
phase-prepare = Anspannen
phase-aloft = Gehoben
phase-melt = Loslassen

## side

side-left = links
side-right = rechts

## limb

limb-arm_l = linker Arm
limb-arm_r = rechter Arm
limb-leg_l = linkes Bein
limb-leg_r = rechtes Bein

## part

part-elbow = Ellbogen
part-elbow_hand = Ellbogen und Hand
part-elbow_hand_head = Ellbogen, Hand und Kopf
part-leg = Bein
part-limb = Körperteil

## zone

zone-head = Kopf
zone-hand_l = linke Hand
zone-hand_r = rechte Hand
zone-elbow_l = linker Ellbogen
zone-elbow_r = rechter Ellbogen
zone-chest_l = Brust links
zone-chest_r = Brust rechts
zone-chest = Brust
zone-belly = Bauch
zone-pelvis = Becken
zone-pelvis_l = Becken links
zone-pelvis_r = Becken rechts
zone-thigh_l = linker Oberschenkel
zone-thigh_r = rechter Oberschenkel
zone-knee_l = linkes Knie
zone-knee_r = rechtes Knie
zone-foot_l = linker Fuß
zone-foot_r = rechter Fuß

## live

live-title = Jetzt
live-figure = Der Körper von oben, mit der Last auf jeder Zone der Matte
live-lie = Die Seite drehen für einen Kopf, der auf der Seite liegt
live-lie_left = Ich liege auf der linken Wange
live-lie_up = Aufrecht
live-lie_right = Ich liege auf der rechten Wange
live-hide_numbers = Zahlen verbergen
live-theme = Dunkel oder hell
live-sound = Ton aus diesem Gerät
live-tool_left = Links
live-tool_up = Aufrecht
live-tool_right = Rechts
live-tool_numbers = Zahlen
live-tool_theme = Dunkel
live-tool_sound = Ton
live-sound_blocked = Tippe hier, um den Ton einzuschalten.
live-waiting = Einen Moment
live-empty = Leg dich hin, wann du magst
live-arriving = Willkommen
live-settling = Komm zur Ruhe
live-paused = Pause
live-before_limb = Letztes Heben: { $limb }
live-checking = wird geprüft…
live-counting = Loslassen: { $n }
live-pause = Pause
live-resume = Weiter
live-stop = Sitzung beenden
live-well = { $n ->
        [one] Der Sensor arbeitet
       *[other] Alle { $n } Sensoren arbeiten
    }
live-summary = Deine Sitzung
live-review = Sitzung ansehen
live-advice_title = Diesen Bildschirm wach halten
live-advice = Öffne auf dem Tablet Einstellungen › Anzeige › Automatische Sperre und wähle Nie. Eine Seite ohne https darf den Bildschirm nicht selbst wach halten, und mit geschlossenen Augen würdest du nicht merken, dass er dunkel wird.
live-advice_ok = Erledigt

## words

words-first = Das erste Mal in dieser Sitzung.
words-cannot_tell = Lässt sich nicht mit dem letzten Mal vergleichen.
words-cannot_tell_short = nicht bekannt
words-same = Fast wie beim letzten Mal.
words-slower = Loslassen { $seconds } s länger als beim letzten Mal.
words-quicker = Loslassen { $seconds } s kürzer als beim letzten Mal.
words-very_soft = sehr sanft
words-soft = sanft
words-firm = fest

## sessions

sessions-title = Sitzungen
sessions-none = Noch keine Sitzung. Leg dich auf die Matte und bleib einen Moment still liegen: Die erste beginnt von selbst.
sessions-date_unknown = Datum unbekannt
sessions-about = etwa
sessions-repetitions = { $n ->
        [one] { $n } Wiederholung
       *[other] { $n } Wiederholungen
    }
sessions-minutes = { $n ->
        [one] { $n } Minute
       *[other] { $n } Minuten
    }
sessions-under_a_minute = unter einer Minute
sessions-median_melt = typisches Loslassen { $seconds } s
sessions-time_zone = Uhrzeiten der Station ({ $zone }).
sessions-running = läuft gerade
sessions-recovered = nach einem Stromausfall gerettet, am Ende fehlen { $seconds } s
sessions-recovered_unknown = nach Stromausfall gerettet; wie viel am Ende fehlt, ist nicht bekannt

## calendar

calendar-month = { $month } { $year }
calendar-before = Früherer Monat
calendar-after = Späterer Monat
calendar-grid = Tage des Monats
calendar-total = { $n ->
        [one] { $n } Sitzung insgesamt
       *[other] { $n } Sitzungen insgesamt
    }
calendar-sessions = { $n ->
        [one] { $n } Sitzung
       *[other] { $n } Sitzungen
    }
calendar-from_day = { $n } Tage ab { $day }
calendar-everybody = Alle
calendar-person = Wessen Sitzungen
calendar-undated = Datum unbekannt
calendar-nothing = An diesem Tag keine Sitzung.

## date

date-weekday_short_0 = Mo
date-weekday_short_1 = Di
date-weekday_short_2 = Mi
date-weekday_short_3 = Do
date-weekday_short_4 = Fr
date-weekday_short_5 = Sa
date-weekday_short_6 = So
date-day = { $weekday }, { $day }. { $month } { $year }
date-month_1 = Januar
date-month_2 = Februar
date-month_3 = März
date-month_4 = April
date-month_5 = Mai
date-month_6 = Juni
date-month_7 = Juli
date-month_8 = August
date-month_9 = September
date-month_10 = Oktober
date-month_11 = November
date-month_12 = Dezember
date-weekday_0 = Montag
date-weekday_1 = Dienstag
date-weekday_2 = Mittwoch
date-weekday_3 = Donnerstag
date-weekday_4 = Freitag
date-weekday_5 = Samstag
date-weekday_6 = Sonntag

## review

review-gap = { $seconds } s ohne Messung bei { $at }
review-original = Die Station maß: Anspannen { $prepare }, gehoben { $aloft }, Loslassen { $melt } s
review-moved_prepare_start = Beginn von Hand verschoben
review-moved_lift_off = Abheben von Hand verschoben
review-moved_touch_down = Aufsetzen von Hand verschoben
review-moved_melt_end = Ende des Loslassens von Hand verschoben

## safe

safe-title = Die Station kann nicht starten
safe-lead = Sie hat es mehrmals versucht und ist jedes Mal stehen geblieben. Deine Sitzungen sind sicher. Diese Seite wird wieder normal, sobald die Station antwortet.
safe-what = Was sie zuletzt sagte
safe-no_words = Keine Meldung.
safe-do = Was hilft
safe-do_1 = Zieh den Stecker der Matte, warte zehn Sekunden, steck ihn wieder ein.
safe-do_2 = Starte die Station neu: aus- und einschalten, oder „sudo systemctl restart backlift-station“.
safe-do_3 = Wenn es dabei bleibt: „journalctl -u backlift-station -n 100“ zeigt ihr Protokoll. Lade zuerst deine Daten herunter, dann bitte mit diesem Protokoll um Hilfe.
safe-backup = Alle Daten herunterladen

## review

review-trace = Druck auf der Matte
review-trace_label = Last jedes Körperteils über die Zeit
review-zoom = Ausschnitt
review-zoom_in = Vergrößern
review-zoom_out = Verkleinern
review-whole = Ganze Sitzung
review-hint = Ziehen verschiebt, zwei Finger oder das Rad vergrößern. Tippe unten ein Heben an, um es ganz zu sehen.
review-repetitions = Wiederholungen
review-none = In dieser Sitzung wurde nichts gehoben. Auch Ruhen ist Üben.
review-together = zusammen
review-softness = Landung
review-softness_about = { $percent } % des Gewichts in der ersten halben Sekunde
review-extent = Abgehobenes Gewicht
review-struck = Zählt nicht.
review-undo = Rückgängig
review-not_a_lift = Zählt nicht
review-melts = Loslassen im Vergleich
review-melts_about = Jedes Loslassen eines Körperteils, vom Aufsetzen an. Eine Linie, die später zur Ruhe kommt, ist ein langsameres Loslassen; spätere sind kräftiger gezeichnet.
review-after = { $n } s
review-which_limb = Welcher Körperteil
review-how = Wie es war
review-comfort_before = Wie hat sich dein Körper davor angefühlt?
review-comfort_after = Wie hat er sich danach angefühlt?
review-person = Wer geübt hat
review-person_nobody = Nicht angegeben
review-note_lift = Eine Notiz zu diesem Heben
review-print = Drucken oder PDF
review-export = Exportieren
review-delete = Löschen
review-delete_title = Diese Sitzung löschen?
review-delete_about = Aufzeichnung, Zeiten und Notizen werden endgültig gelöscht. Das lässt sich nicht rückgängig machen.
review-keep = Behalten
review-made_by = Zeiten gefunden von Detektor { $version }. { $mat }.
review-boundary_prepare_start = Beginn
review-boundary_lift_off = Abheben
review-boundary_touch_down = Aufsetzen
review-boundary_melt_end = Ende des Loslassens
review-no_trace = Die Aufzeichnung dieser Sitzung wurde gelöscht, um Platz zu schaffen. Ihre Zeiten sind erhalten.
review-mat_unknown = Die Matte ist nicht bekannt
review-timed_without = Gemessen ohne: { $zones }.
review-extent_one_sensor = mit einem Sensor nicht messbar; gehoben { $aloft } s
review-about_percent = etwa { $percent } %
review-fault = { $at } bis { $until }: kein Signal von: { $zone }
review-fault_to_end = Ab { $at }: kein Signal von: { $zone }
review-unweighting = { $n ->
        [one] Einmal leichter geworden, ohne die Matte zu verlassen: { $limb }.
       *[other] { $n }-mal leichter geworden, ohne die Matte zu verlassen: { $limb }.
    }
review-happened = Außerdem bemerkt
review-contrasts = Im Vergleich

## contrast

contrast-same = Kein echter Unterschied.
contrast-longer = { $which }: { $seconds } s länger.
contrast-first = Erste Hälfte
contrast-last = Zweite Hälfte
contrast-in_full = { $part }, beim gemeinsamen Heben
contrast-interval = { $n ->
        [one] { $median } s ({ $low } bis { $high } s, { $n } Mal)
       *[other] { $median } s ({ $low } bis { $high } s, { $n } Mal)
    }

## compare

compare-title = Nebeneinander
compare-back = Zurück
compare-with_last = Mit dem letzten Mal vergleichen
compare-with_before = Mit der vorigen Sitzung vergleichen
compare-align = Ausgerichtet am
compare-align_touch_down = Aufsetzen
compare-align_lift_off = Abheben
compare-solid = Durchgezogen
compare-dashed = Gestrichelt
compare-first = Frühere Sitzung
compare-second = Spätere Sitzung
compare-plot = Last über die Zeit: { $one } und { $other }
compare-unlike = Das sind zwei verschiedene Bewegungen, ihre Zeiten werden nicht verglichen.
compare-nothing = Die beiden Sitzungen haben keine Bewegung gemeinsam.

## mark

mark-fault = Kein Signal von: { $zone }
mark-mat = Matte
mark-gap = { $seconds } s ohne Messung
mark-unweighting = Leichter geworden, ohne die Matte zu verlassen: { $limb }
mark-mark = Markierter Moment
mark-hurried = Das nächste Heben begann, bevor das Loslassen zu Ende war

## lift

lift-place = Heben { $n } von { $of }
lift-with = mit: { $limb }
lift-back = Zurück zur Sitzung
lift-steps = Andere Male
lift-previous = Voriges Heben
lift-next = Nächstes Heben
lift-missing_about = Zeiten, die diesen Sensor brauchen, bleiben leer, und nichts wird verglichen.
lift-plot = Last dieses Körperteils über die Zeit. Pfeiltasten: voriges und nächstes Heben. Leertaste: abspielen. 1 bis 4: Phasen. Plus und Minus: Ausschnitt.
lift-edges = Wo die Phasen beginnen und enden
lift-transport = Wiedergabe
lift-play = Abspielen
lift-pause = Anhalten
lift-speed = Tempo
lift-sound = Töne der Sitzung
lift-marks = Was währenddessen geschah
lift-rest = in Ruhe
lift-zero = Landung
lift-settles = kommt hier zur Ruhe, ±5 %
lift-breath = Atem
lift-before_prepare = { $seconds } s vor dem Beginn · { $percent } %
lift-after_prepare = { $seconds } s im Anspannen · { $percent } %
lift-after_lift = { $seconds } s nach dem Abheben · { $percent } %
lift-after_landing = { $seconds } s nach dem Aufsetzen · { $percent } %
lift-after_melt = { $seconds } s nach dem Loslassen · { $percent } %
lift-was = { $phase } { $now } s (vorher { $was })
lift-put_back = Zurückgesetzt. Nichts wurde geändert.
lift-corrected = { $boundary } verschoben. Was die Station gemessen hat, bleibt erhalten.
lift-hint = Mit den runden Griffen unter der Kurve verschiebst du eine Grenze.

## melt

melt-title = Wie das Loslassen war
melt-none = keine
melt-half = Halbes Gewicht zurück
melt-half_about = So lange nach dem Aufsetzen lag wieder das halbe Gewicht auf der Matte.
melt-most = Neun Zehntel zurück
melt-most_about = So lange dauerte es, bis neun Zehntel wieder auf der Matte lagen; der Rest kommt langsam.
melt-holds = Pausen
melt-holds_n = { $n ->
        [one] { $n } Pause
       *[other] { $n } Pausen
    }
melt-hold_longest = längste { $seconds }
melt-holds_about = Momente, in denen das Gewicht gleich blieb, bevor es weiter zurückkam.
melt-regrips = Erneutes Anspannen
melt-regrips_n = { $n ->
        [one] { $n }-mal
       *[other] { $n }-mal
    }
melt-regrips_about = Momente, in denen die Muskeln wieder etwas Gewicht aufnahmen.
melt-last = Zuletzt losgelassen
melt-last_by = { $zone }, { $seconds } nach den anderen
melt-last_about = Der Teil, dessen Gewicht zuletzt zurückkam.
melt-smooth = Gleichmäßigkeit (SPARC)
melt-smooth_about = Wie gleichmäßig das Gewicht zurückkam, nach der spektralen Bogenlänge (Balasubramanian u. a., 2015); näher an null ist gleichmäßiger.

## melt_why

melt_why-next_began = die nächste Bewegung begann, bevor das Gewicht zur Ruhe kam
melt_why-no_rest = das Gewicht kam nicht zur Ruhe
melt_why-gap = dort fehlen Messwerte

## breath

breath-name = Atem
breath-lift_in = beim Einatmen gehoben
breath-lift_out = beim Ausatmen gehoben
breath-release_in = beim Einatmen abgelegt
breath-release_out = beim Ausatmen abgelegt
breath-about = Gesehen an Brust und Bauch, die beim Einatmen mehr auf die Matte drücken. Nur eine Beobachtung.

## date

date-month_short_1 = Jan.
date-month_short_2 = Feb.
date-month_short_3 = März
date-month_short_4 = Apr.
date-month_short_5 = Mai
date-month_short_6 = Juni
date-month_short_7 = Juli
date-month_short_8 = Aug.
date-month_short_9 = Sep.
date-month_short_10 = Okt.
date-month_short_11 = Nov.
date-month_short_12 = Dez.
date-short = { $day }. { $month }
date-short_year = { $month } { $year }

## progress

progress-title = Verlauf
progress-span = Wie weit zurück
progress-span_4w = 4 Wochen
progress-span_3m = 3 Monate
progress-span_all = Alles
progress-none_in_span = In dieser Zeit wurde nichts gehoben.
progress-lead = Wie Anspannen und Loslassen waren, Teil für Teil. Die Hälfte aller Male liegt im Balken, der Punkt ist die Mitte. Tippe einen Punkt an, um seine Sitzungen zu sehen. Es gibt nichts zu erreichen.
progress-dot_day = Jeder Punkt ist ein Tag.
progress-dot_week = Jeder Punkt ist eine Woche, mit dem Datum ihres Montags.
progress-dot_month = Jeder Punkt ist ein Monat.
progress-none = Noch nichts zu zeigen. Nach einigen Sitzungen siehst du hier, wie dein Loslassen war.
progress-part_side = { $part }, { $side }
progress-lifts = { $n ->
        [one] { $n } Mal
       *[other] { $n } Mal
    }
progress-dot = { $when }: { $median } s ({ $low } bis { $high } s, { $n } Mal)
progress-comfort = Befinden
progress-comfort_about = Ring: davor. Punkt: danach.
progress-comfort_before = { $when }, davor: { $face } von 5
progress-comfort_after = { $when }, danach: { $face } von 5

## setup

setup-title = Einrichten
setup-pictures = Wie es geht, in vier Bildern
setup-picture_1 = Leg die Matte aus
setup-picture_1_about = Flach auf den Boden, das Kabel zum Kästchen. Stell das Tablet neben deinen Kopf, wo du es im Liegen siehst.
setup-picture_2 = Leg dich auf den Bauch
setup-picture_2_about = Die Ellbogen auf ihre Zonen, eine Wange auf den Handrücken, die Füße ans untere Ende.
setup-picture_3 = Bleib still liegen, bis du den Ton hörst
setup-picture_3_about = Die Matte lernt, wie du in Ruhe liegst. Ein leiser Ton sagt, dass sie bereit ist. Jetzt kannst du die Augen schließen.
setup-picture_4 = Ein wenig heben, langsam loslassen
setup-picture_4_about = Zwei, drei Zentimeter sind reichlich. Nach dem Aufsetzen lass los, bis nichts mehr hält. Dann ruhe.
setup-seen = Verstanden
setup-awake = Das Tablet wach halten
setup-awake_why = Du übst mit geschlossenen Augen: Ein Tablet, das einschläft, würde verstummen, ohne dass du es merkst. Eine Seite ohne https darf den Bildschirm nicht selbst wach halten, also sag es bitte dem Tablet.
setup-awake_ios = Einstellungen › Anzeige & Helligkeit › Automatische Sperre › Nie. Danach kannst du es zurückstellen.
setup-awake_android = Einstellungen › Display › Bildschirm-Timeout › so lang wie möglich, oder „Aktiv lassen“ beim Laden in den Entwickleroptionen.
setup-mat = Deine Matte
setup-mat_about = Welche Matte benutzt du?
setup-own_mat = In Gebrauch: { $name }, aus deiner eigenen Datei.
setup-mat_chosen = Gewählt. Die Station startet mit dieser Matte neu; das dauert ein paar Sekunden.
setup-live_about = Drück auf eine Stelle der Matte: Ihre Scheibe wächst.
setup-zones_well = { $n ->
        [one] Der Sensor arbeitet
       *[other] Alle { $n } Sensoren arbeiten
    }
setup-zones_faulty = Bitte das Kabel prüfen: { $zones }
setup-check = Jede Zone prüfen
setup-check_about = Die Station nennt eine Stelle nach der anderen; drück sie mit der Hand und lass wieder los. So weißt du, dass jeder Sensor dort liegt, wo die Mattendatei es sagt.
setup-check_start = Prüfung beginnen
setup-check_skip = Diese auslassen
setup-check_stop = Beenden
setup-check_progress = Geprüfte Zonen
setup-calibrate = Mit Gewichten kalibrieren
setup-calibrate_about = Zum Üben nicht nötig. Mit drei oder mehr bekannten Gewichten auf einer Zone kann die Station Newton zeigen und folgt dem Loslassen genauer. Nimm ein kleines Brett, damit das Gewicht allein auf dem Sensor ruht.
setup-calibrate_zone = Zone
setup-calibrate_start = Beginnen
setup-calibrate_weight = Gewicht darauf
setup-calibrate_add = Das Gewicht liegt auf
setup-calibrate_keep = Diese Kalibrierung behalten
setup-calibrate_stop = Beenden
setup-practice = Üben
setup-exercise = Übung
setup-settling = Still liegen bis „bereit“
setup-settling_about = Länger, wenn der Ton kommt, bevor du zur Ruhe gekommen bist.
setup-rest = Pause nach dem Loslassen
setup-rest_about = Ein Ton sagt, wann die Pause vorbei ist. 0: kein Ton.
setup-counting = Beim Loslassen zählen
setup-counting_about = Nach dem Abheben zählt die Anleitung langsam: 8, dann 10, dann 12. Jede Übung hat ihre eigene Art, wenn du hier nichts wählst.
setup-hold = Zählen beginnt nach
setup-hold_about = Vom Abheben an.
setup-count = Ein Zählschritt dauert
setup-range_sound = Töne zu deinem Bereich
setup-range_sound_about = Mit geschlossenen Augen ist die Höhe schwer zu schätzen. Ein Ton sagt „etwas kleiner“, ein anderer „etwas größer, wenn du magst“.
setup-device = Dieses Gerät
setup-language = Sprache
setup-theme = Farben
setup-theme_auto = wie das Gerät
setup-theme_light = hell
setup-theme_dark = dunkel
setup-lie = Ansicht im Liegen
setup-lie_about = Dreht die Seite „Jetzt“ für einen Kopf, der auf der Seite liegt. „Automatisch“ folgt dem Arm, der arbeitet.
setup-lie_up = aufrecht
setup-lie_left = linke Wange unten
setup-lie_right = rechte Wange unten
setup-lie_auto = automatisch
setup-station = Die Station
setup-spoken = Sprache, die sie spricht
setup-lamp = Lampe
setup-spare = Speicherkarte schonen
setup-spare_about = Schreibt alle fünf Sekunden statt jede Sekunde. Ein Stromausfall kostet dann bis zu sechs Sekunden.
setup-budget = Platz für Rohaufnahmen
setup-budget_about = Brauchen sie mehr, werden die ältesten gelöscht; Phasen, Notizen und Korrekturen bleiben. Leer oder 0: keine Grenze.

## sound

sound-title = Töne
sound-lead = Jeder Moment hat seinen eigenen Ton, damit du die Augen geschlossen lassen kannst.
sound-here = Aus diesem Gerät
sound-here_about = Browser bleiben stumm, bis du die Seite einmal berührst.
sound-volume = Lautstärke
sound-set = Klangart
sound-set_bowl = Klangschale
sound-set_wood = Holz
sound-voice = Stimme
sound-voice_about = Gesprochen von diesem Gerät, wo es eine eigene Stimme hat.
sound-voice_all = alle Worte
sound-voice_counts = nur Zahlen
sound-voice_off = keine
sound-prepare = Ein Ton, wenn die Muskeln sich anspannen
sound-speaker = Aus dem Lautsprecher der Station
sound-buzzer = Aus dem Summer
sound-listen = Anhören
sound-without = Ohne Ton geht nichts verloren: Was man hört, ist auch zu sehen.

## live

live-first = Neu hier?
live-first_go = Vier Bilder zeigen, wie es geht
live-fault = { $zone }: Kabel prüfen

## pair

pair-title = Dieses Gerät koppeln
pair-lead = Die Daten der Matte betreffen deinen Körper. Nur Geräte, die du koppelst, können sie sehen.
pair-code = Sechsstelliger Code
pair-go = Koppeln
pair-how = Woher der Code kommt
pair-how_button = Den Knopf an der Matte drei Sekunden halten: Die Station sagt den Code an.
pair-how_terminal = Oder an der Station eingeben:
pair-how_device = Oder auf einem Gerät, das schon gekoppelt ist: Einrichten, dann Gekoppelte Geräte, dann Weiteres Gerät koppeln.
pair-why = Ein Code gilt zwei Minuten lang und für ein Gerät.
pair-asking = Einen Moment
pair-wrong = Der Code stimmt nicht. Bitte noch einmal versuchen.
pair-closed = Der Code ist abgelaufen. Bitte die Station nach einem neuen fragen, wie unten beschrieben.
pair-unreachable = Die Station antwortet gerade nicht. Gleich noch einmal versuchen.

## common

common-device_paired = Ein Gerät wurde gekoppelt: { $name }
common-device_revoked = Ein Gerät wurde entfernt: { $name }
common-device_changed = Die Rechte eines Geräts wurden geändert: { $name }
common-asks = Ein Gerät möchte { $words }. Nur wenn das gewollt ist, den Knopf an der Matte halten.
common-confirmed = Jemand an der Matte hat einem Gerät erlaubt: { $words }.
common-confirm_pairing_start = ein weiteres Gerät koppeln
common-confirm_device_revoke = ein anderes Gerät entfernen
common-confirm_device_change = ändern, was ein Gerät darf
common-confirm_delete_everything = alle Sitzungen löschen
common-confirm_open_network = die Seiten für das Heimnetz öffnen
common-confirm_setting_set = die Seiten für das Heimnetz öffnen
common-confirm_update_install = eine neue Version einspielen
common-confirm_other = etwas Wichtiges ändern

## devices

devices-title = Gekoppelte Geräte
devices-lead = Diese Geräte können die Seiten sehen. Entferne hier ein Gerät, das verloren oder verschenkt ist.
devices-this = dieses Gerät
devices-revoke = Entfernen
devices-sure = { $name } entfernen? Es sieht nichts mehr, bis es wieder gekoppelt wird.
devices-paired = Gekoppelt am
devices-by = von
devices-seen = Zuletzt gesehen am
devices-role = Darf
devices-role_owner = alles
devices-role_practises = üben
devices-role_looks = nur schauen
devices-changed = Geändert.
devices-offer_here = Der Code ist { $code }. Andere Geräte können die Seiten dieser Station noch nicht öffnen, nur dieser Rechner.
devices-open_network = Geräte in meinem Heimnetz die Seiten öffnen lassen
devices-opened = Geräte im Heimnetz können die Seiten jetzt öffnen. Für eine Adresse noch einmal „Weiteres Gerät koppeln“ drücken.
devices-no_script = Diese Seite braucht JavaScript. An der Station tut 'backlift devices' dasselbe.
devices-invite = Weiteres Gerät koppeln
devices-offer = Auf dem anderen Gerät { $address } öffnen und { $code } eingeben. Der Code gilt zwei Minuten.

## setup

setup-devices = Gekoppelte Geräte
setup-devices_about = Wer diese Seiten sehen kann.
setup-backup = Sicherungen
setup-backup_folder = Ordner für Sicherungen
setup-backup_folder_about = Auf einem USB-Stick, einer Netzwerkfreigabe oder einer anderen Platte. Ein Stick mit dem Namen BACKLIFT liegt unter /media/backlift. Leer: keine Sicherungen. Wer den Stick hat, kann deine Sitzungen lesen, und gelöschte Sitzungen bleiben in älteren Sicherungen.
setup-backup_every = Eine Sicherung alle
setup-backup_days = Tage
setup-backup_keep = Behalten werden die neuesten
setup-backup_count = Sicherungen
setup-version = Dies ist Version { $version }
setup-version_newest = Eine neuere Version auf einem Stick namens BACKLIFT wird hier angeboten.
setup-update = Version { $version } einspielen
setup-update_sure = Version { $version } jetzt einspielen? Das dauert einige Minuten, und die Station startet neu. Bleib so lange bitte neben der Matte.
setup-backup_now = Jetzt sichern
setup-backup_started = Die Sicherung läuft.
setup-backup_none = Noch keine Sicherung.
setup-backup_last = Letzte Sicherung: { $when }, { $size } MB.

## print

print-back = Zurück zur Sitzung
print-remarks = Bemerkungen

## notice

notice-bus_stuck = Die Matte antwortet nicht. Die Station versucht es weiter. Wenn das so bleibt: Matte ausstecken und wieder einstecken.
notice-board_absent = Sensorplatine { $board } ({ $address }) antwortet nicht: Stecker prüfen. Sensoren: { $zones }.
notice-board_hung = Sensorplatine { $board } ({ $address }) hängt: Matte ausstecken und wieder einstecken. Sensoren: { $zones }.
notice-board_restarted = Sensorplatine { $board } ({ $address }) hat neu gestartet: Stecker und Netzteil prüfen.
notice-no_bus = Es ist keine Matte da: { $reason }.
notice-bus_foreign = Ein anderes Programm benutzt Sensorplatine { $board } ({ $address }). Dieses beenden oder sein Gerät an einen anderen Bus anschließen.
notice-board_conflict = Zwei Sensorplatinen antworten unter { $address }: Der ADDR-Draht der einen ist lose. Diese Sensoren werden nicht gelesen: { $zones }.
notice-board_wrong = Was unter { $address } antwortet, ist kein ADS1115 ({ $kind }). Diese Sensoren werden nicht gelesen: { $zones }.
notice-board_12_bit = Sensorplatine { $board } ({ $address }) ist ein ADS1015 mit 12 Bit, kein ADS1115. Kleine Hebungen können fehlen; bitte austauschen.
notice-board_slow = Sensorplatine { $board } ({ $address }) ist ein langsamer Nachbau des ADS1115. Sie wird in ihrem Tempo gelesen.
notice-zone_missing = Kein Signal vom Sensor { $zone }: den Stecker an Platine { $board }, Anschluss { $pin } prüfen.
notice-zone_open = Kein Signal vom Sensor { $zone }: sein Draht an Platine { $board }, Anschluss { $pin } ist unterbrochen oder berührt Masse.
notice-zone_short = Der Sensor { $zone } misst die volle Versorgung: an Platine { $board }, Anschluss { $pin } einen Kurzschluss oder gequetschten Sensor suchen.
notice-zone_stuck = Der Sensor { $zone } misst immer dasselbe: den Sensor und seine Platine prüfen (Platine { $board }, Anschluss { $pin }).
notice-zone_implausible = Der Sensor { $zone } liefert unmögliche Werte: Sensor und Versorgung an Platine { $board }, Anschluss { $pin } prüfen.
notice-zone_twin = Die Sensoren { $zones } messen dasselbe: an Platine { $board }, Anschluss { $pin } Drähte suchen, die sich berühren.
notice-zone_flickering = Der Sensor { $zone } setzt immer wieder aus: ist ein Draht an Platine { $board }, Anschluss { $pin } lose?
notice-zone_noisy = Der Sensor { $zone } rauscht ({ $noise_mv } mV): ist ein Draht an Platine { $board }, Anschluss { $pin } lose, oder liegt ein Netzkabel daneben?
notice-zone_saturated = Der Sensor { $zone } ist über seinen Messbereich hinaus belastet: ein kleinerer Widerstand an Platine { $board }, Anschluss { $pin } würde helfen.
notice-zone_gaps = { $percent } % der Messwerte des Sensors { $zone } gehen verloren: das Kabel von Platine { $board } prüfen.
notice-left_on_mat = Auf der Matte liegt etwas: { $zones }.
notice-mat_trouble = Die Matte antwortet nicht. Die Station versucht es weiter.
notice-unplug = Bitte die Matte ausstecken und wieder einstecken.
notice-not_saving = Es wird nichts gespeichert: Die Speicherkarte ist nicht beschreibbar.
notice-frames_late = Der Rechner ist beschäftigt; die Zeiten sind etwas ungenauer.
notice-weak_supply = Die Stromversorgung ist zu schwach: das Netzteil des Pi und ein kurzes Kabel verwenden.
notice-card_full_events_only = Die Speicherkarte ist voll. Phasen und Notizen werden gespeichert, die Rohdaten nicht.
notice-card_full_not_saving = Die Speicherkarte ist voll, es wird nichts mehr gespeichert. Alte Sitzungen löschen oder eine größere Karte verwenden.
notice-card_failing_not_saving = Es wird nichts gespeichert: Die Speicherkarte ist nicht beschreibbar. Daten kopieren und die Karte ersetzen.
notice-saving_again = Es wird wieder alles gespeichert.
notice-session_recovered = Sitzung { $session } wurde unterbrochen und wiederhergestellt. Am Ende fehlen höchstens { $missing_s } s.
notice-database_damaged = Die gespeicherten Daten waren beschädigt. Sie sind als { $file } aufbewahrt, neue Sitzungen kommen in eine neue Datei. 'backlift recover' liest, was noch lesbar ist.
notice-card_nearly_full = Die Speicherkarte ist zu 80 % voll. Unter Einrichten lässt sich festlegen, wie viel Platz Rohdaten bekommen; die ältesten werden dann gelöscht. Phasen, Notizen und Korrekturen bleiben.
notice-setting_left_out = Eine gespeicherte Einstellung war nicht lesbar, es gilt die Vorgabe: { $setting }. Bitte unter Einrichten neu wählen.
notice-settings_unread = Die gespeicherten Einstellungen waren nicht lesbar. Es gelten die Vorgaben, bis die Speicherkarte antwortet.
notice-calibration_left_out = Die Kalibrierung eines Sensors war nicht lesbar: { $zone }. Bitte neu kalibrieren.
notice-mat_left_out = Die Matte '{ $mat }' kann nicht verwendet werden. Stattdessen gilt '{ $used }'. Die Matte unter Einrichten wählen oder ihre Datei berichtigen.
notice-exercise_left_out = Die Übung '{ $exercise }' kann nicht verwendet werden: Ihre Datei fehlt oder hat einen Fehler. Stattdessen freies Üben. Unter Einrichten eine andere wählen.
notice-lamp_failed = Die Lampe geht nicht: { $reason }. Die Übung geht ohne sie weiter.
notice-buzzer_failed = Der Summer geht nicht: { $reason }. Die Übung geht ohne ihn weiter.
notice-button_failed = Der Knopf geht nicht: { $reason }. Die Übung geht ohne ihn weiter.
notice-speaker_no_player = Für den Lautsprecher fehlt das Abspielprogramm: installiere alsa-utils.
notice-speaker_failed = Der Lautsprecher geht nicht: { $reason }. Die Übung geht ohne ihn weiter.
notice-backup_gone = Der Ordner für Sicherungen ist nicht da: { $folder }. Steck den Stick ein, oder wähle den Ordner unter Einrichten neu.
notice-backup_full = Der Ordner für Sicherungen ist voll: { $folder }. Behalte weniger Sicherungen, oder nimm einen größeren Stick.
notice-backup_failed = Die Sicherung nach { $folder } ist fehlgeschlagen: { $reason }.
notice-backup_stalled = Der Ordner für Sicherungen antwortet nicht: { $folder }. Ist die Freigabe eingeschaltet?
notice-backup_same_card = Die Sicherungen in { $folder } liegen auf derselben Karte wie deine Sitzungen. Fällt die Karte aus, sind beide verloren. Wähle einen Stick oder eine Freigabe.
notice-update_ready = Version { $version } liegt auf dem Stick. Du kannst sie unter „Einrichten“ einspielen.
notice-update_running = Version { $version } wird eingespielt. Die Station startet in einigen Minuten von selbst neu.
notice-update_failed = Version { $version } wurde nicht eingespielt, die Station läuft wie vorher: { $reason }.
notice-update_on_stick = Version { $version } liegt auf dem Stick. Zum Einspielen auf dem Pi eingeben: sudo apt install { $file }

## declined

declined-session = Es läuft keine Sitzung. Leg dich auf die Matte, dann beginnt eine automatisch.
declined-empty_mat = Bitte zuerst von der Matte aufstehen. Dafür muss sie leer sein.
declined-sender = Das geht von hier aus nicht ({ $sender }).
declined-confirm = Das muss jemand an der Matte erlauben: den Knopf drei Sekunden halten, oder an der Station 'backlift confirm' tippen. Dann innerhalb einer Minute noch einmal versuchen.
declined-confirm_other = Etwas anderes wartet gerade auf den Knopf an der Matte. Bitte in { $left } Sekunden noch einmal.
declined-role = Dieses Gerät darf das nicht. Ein Gerät mit allen Rechten kann es.
declined-internal = Das ist nicht gelungen. Der Grund steht im Protokoll: 'backlift logs'.
declined-no_such_mat = Es gibt keine Matte '{ $name }'. Es gibt: { $mats }.
declined-backup_no_folder = Es ist kein Ordner für Sicherungen gewählt. Wähle zuerst einen unter Einrichten.
declined-no_update = Auf dem Stick liegt keine signierte Version.
declined-update_running = Es wird schon eine neue Version eingespielt.
declined-no_such_exercise = Es gibt keine Übung '{ $name }'. Es gibt: { $exercises }.
declined-nothing_started = Es läuft nichts ({ $what }). Bitte zuerst starten.

## live

live-minutes = { $n ->
        [one] etwa { $n } Minute
       *[other] etwa { $n } Minuten
    }
live-any_time = so lange du magst
live-begin = Was möchtest du üben?
live-last = Zuletzt
live-suggested = Vorschlag
live-choose = Etwas anderes wählen…
live-choose_about = Alle Übungen und Programme
live-chooser = Übungen
live-kind_programme = Programme
live-kind_exercise = Übungen
live-kind_part = Teile des Back Lift
live-not_felt = Nicht mit dieser Matte
live-lacks = ohne { $limbs }
live-begins_now = { $exercise }: beginnt jetzt.
live-begins_lying = { $exercise }: beginnt, wenn du dich hinlegst und still liegst.
live-start = Start
live-start_again = Neu beginnen
live-unlock = Tippen für Ton
live-settings = Einstellungen zum Üben
live-ended = Beendet
live-ended_about = Jetzt wird nichts aufgezeichnet. Bleib liegen, so lange du magst.
live-turning = Umdrehen
live-moving = Bewegung
live-line = { $step } · { $n } von { $of }
live-line_then = { $line } · dann { $next }
live-line_done = { $exercise } · fertig
live-steps = Schritte der Übung
live-step_back = Zurück
live-step_repeat = Wiederholen
live-step_skip = Auslassen
live-feel = Wie war das?
live-feel_comfortable = Angenehm
live-feel_too_much = Zu viel
live-feel_larger = Etwas größer

## limb

limb-arm_both = beide Arme
limb-leg_both = beide Beine
limb-knee_both = beide Knie
limb-head = Kopf
limb-knee_l = linkes Knie
limb-knee_r = rechtes Knie
limb-lower_back = unterer Rücken
limb-pelvis = Becken
limb-belly = Bauch
limb-chest = Brustkorb

## setup

setup-counting_exercise = wie die Übung
setup-counting_on = immer
setup-counting_off = nie
setup-count_up = Aufwärts zählen
setup-count_up_about = Eins, zwei, drei statt acht, sieben, sechs.
setup-count_at = Das Zählen beginnt
setup-count_at_hold = nach dem Halten
setup-count_at_button = auf Knopfdruck
setup-follow = Dauerton
setup-follow_about = Ein leiser Ton, der deinem Gewicht folgt, während du anspannst und loslässt. Er wird über Wochen leiser und endet dann: Das Gelernte soll ohne ihn bleiben.

## sound

sound-vibration = Zu den Tönen vibrieren
sound-vibration_about = Wenn dieses Gerät es kann.

## declined

declined-not_simulated = Diese Matte ist echt: Wer darauf liegt, bewegt sich selbst.

## demo

demo-title = Demo-Person
demo-about = Diese Matte ist simuliert. Bitte die Person darauf, etwas zu tun.
demo-follow = Der Übung folgen
demo-lie_down = Hinlegen
demo-get_up = Aufstehen
demo-practise = Frei üben
demo-slowly = Langsam
demo-slide = Von einem Sensor rutschen
demo-cut = Ein Kabel trennen

## live

live-who = Wer ist auf der Matte?
live-who_else = Jemand anderes
live-who_add = Person hinzufügen
live-who_name = Name
live-who_keep = Hinzufügen

## practice: what the guide says. Kind and factual: what was, never how good it was; no word urges anybody on.

practice-lie_down = Leg dich hin und bleib still liegen, wann du magst.
practice-lie_prone = Leg dich auf den Bauch, eine Wange auf den Handrücken, und bleib still liegen.
practice-lie_prone_bent = Leg dich auf den Bauch, beug die Knie, die Sohlen zur Decke, und bleib still liegen.
practice-lie_supine = Leg dich auf den Rücken, die Beine lang, und bleib still liegen.
practice-lie_supine_bent = Leg dich auf den Rücken, die Knie gebeugt, die Füße aufgestellt, und bleib still liegen.
practice-lie_side_left = Leg dich auf die linke Seite, die Knie gebeugt, und bleib still liegen.
practice-lie_side_right = Leg dich auf die rechte Seite, die Knie gebeugt, und bleib still liegen.
practice-turn_prone = Der nächste Teil ist in Bauchlage. Dreh dich langsam um. Dann bleib still liegen.
practice-turn_prone_bent = Der nächste Teil ist in Bauchlage, die Knie gebeugt, die Sohlen zur Decke. Dann bleib still liegen.
practice-turn_supine = Der nächste Teil ist in Rückenlage, die Beine lang. Dreh dich langsam um. Dann bleib still liegen.
practice-turn_supine_bent = Der nächste Teil ist in Rückenlage. Dreh dich langsam um und stell die Füße auf. Dann bleib still liegen.
practice-turn_side_left = Der nächste Teil ist auf der linken Seite, die Knie gebeugt. Dreh dich langsam. Dann bleib still liegen.
practice-turn_side_right = Der nächste Teil ist auf der rechten Seite, die Knie gebeugt. Dreh dich langsam. Dann bleib still liegen.
practice-turned = Gut. Lass dir Zeit.
practice-be_still = Bleib einen Moment still liegen. Ein leiser Ton sagt, wann die Matte bereit ist.
practice-ready = Bereit.
practice-anything = Bewege dich, wann du magst, klein und langsam.
practice-again = Noch einmal, wenn du magst, oder ruh dich noch etwas aus.
practice-all_done = Das war die ganze Übung. Bleib liegen, so lange du magst.
practice-paused = Pause. Es wird nichts gesagt und nichts gezählt.
practice-resumed = Es geht weiter.
practice-ended = Die Sitzung ist zu Ende. Jetzt wird nichts aufgezeichnet. Steh in Ruhe auf.
practice-ended_not_recording = Beendet. Jetzt wird nichts aufgezeichnet.
practice-take_your_time = Dieses Heben begann, bevor das letzte Loslassen zu Ende war. Du hast Zeit.
practice-release_in_count = Du hast den Boden bei { $down } von { $number } berührt.
practice-release_after_count = Du hast den Boden { $late } s nach dem Zählen bis { $number } berührt.
practice-slower_melt = Du hast etwa { $seconds } s länger losgelassen als beim letzten Mal. Langsamer ist willkommen.
practice-only_elbow = In diesem Schritt hebt sich nur der Ellbogen. Hand und Kopf bleiben liegen.
practice-whole_arm = In diesem Schritt heben sich Ellbogen, Hand und Kopf zusammen, wenn das angenehm ist.
practice-beyond_range = Etwas kleiner.
practice-may_grow = Wenn du magst, darf es etwas größer werden. Es darf auch so bleiben.
practice-range_unclear = Hier kann die Matte dein kleines Heben nicht vom großen unterscheiden; sie setzt keine Grenze.
practice-zone_trouble = Der Sensor { $zone } arbeitet nicht richtig. Seine Zeiten werden ausgelassen.
practice-mat_trouble = Die Matte arbeitet gerade nicht richtig.
practice-unplug = Die Matte antwortet nicht. Zieh bei Gelegenheit ihren Stecker und steck ihn wieder ein.
practice-not_saving = Es wird gerade nichts gespeichert. Du kannst weiter üben.
practice-slide = Schiebe { $part } { $far } { $way }.
practice-slide_little = ein wenig
practice-slide_hand = eine Handbreit
practice-slide_body = deinen ganzen Körper
practice-slide_foot_left = deinen linken Fuß
practice-slide_foot_right = deinen rechten Fuß
practice-slide_foot_both = beide Füße
practice-slide_elbow_left = deinen linken Ellbogen
practice-slide_elbow_right = deinen rechten Ellbogen
practice-slide_elbow_both = beide Ellbogen
practice-slide_leg_left = dein linkes Bein
practice-slide_leg_right = dein rechtes Bein
practice-slide_leg_both = beide Beine
practice-slide_arm_left = deinen linken Arm
practice-slide_arm_right = deinen rechten Arm
practice-slide_arm_both = beide Arme
practice-slide_limb_left = deine linke Seite
practice-slide_limb_right = deine rechte Seite
practice-slide_limb_both = beide Seiten
practice-slide_way_head = zum Kopf hin
practice-slide_way_feet = vom Kopf weg
practice-slide_way_out = nach außen
practice-slide_way_in = nach innen
practice-slide_way_left = nach links
practice-slide_way_right = nach rechts
practice-limb_arm_left = Der linke Arm
practice-limb_arm_right = Der rechte Arm
practice-limb_leg_left = Das linke Bein
practice-limb_leg_right = Das rechte Bein
practice-limb_untimed = { $limb } liegt nicht auf dem Sensor; dafür gibt es keine Zeiten.
practice-nothing_timed = Weder Arme noch Beine liegen auf den Sensoren, also gibt es keine Zeiten. Leg dich auf die Markierungen.
practice-pain_stop = Tut es weh? Hör auf.
practice-pain_smaller = Mach es kleiner, oder stell es dir nur vor.
practice-pain_rest = Ruh dich aus. Du brauchst nichts zu tun.
practice-comfort_before = Wie fühlt sich dein Körper jetzt an?
practice-comfort_after = Und wie fühlt er sich jetzt an?
practice-face_1 = es tut weh
practice-face_2 = verspannt
practice-face_3 = dazwischen
practice-face_4 = gelöst
practice-face_5 = weich und wohl
practice-note = Etwas, das du behalten möchtest?
practice-no_diagnosis = Diese Station ist kein Medizinprodukt. Frag bei starken oder neuen Schmerzen eine Ärztin oder einen Arzt.
