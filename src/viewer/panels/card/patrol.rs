//! The card of a patrol: its shift, and when and where it was last.

use super::{Card, STANDING_MPS, Sources};
use crate::governance::{Fix, Patrol};
use crate::viewer::panels::roster::Duty;
use crate::viewer::panels::rows::{duty_tone, shown_name};
use crate::viewer::panels::theme::Tone;

impl Sources<'_> {
    pub(super) fn patrol(&self, patrol: &Patrol) -> Card {
        let (speech, words) = (self.speech, &self.speech.words);
        let mut facts = Vec::new();
        let duty = Duty::of(patrol, self.judged_at);
        self.fact(&mut facts, "patrol-kind", Some(words.patrol_kind(patrol.kind).to_owned()));
        let shift = patrol.duty.map_or_else(
            || speech.owned("patrol-no-duty"),
            |duty| {
                speech.with(
                    "patrol-duty-value",
                    &[
                        ("from", speech.messages.time(duty.from, &speech.zone).into()),
                        ("to", speech.messages.time(duty.to, &speech.zone).into()),
                    ],
                )
            },
        );
        self.fact(&mut facts, "patrol-duty", Some(shift));
        let seen = patrol.fix.map_or_else(
            || speech.owned("patrol-never-seen"),
            |fix| format!("{} · {}", speech.moment(self.now, fix.at), speech.ago(self.now, fix.at)),
        );
        self.fact(&mut facts, "patrol-last-seen", Some(seen));
        if let Some(speed_mps) = patrol.fix.and_then(|fix| fix.speed_mps) {
            let speed = if speed_mps < STANDING_MPS {
                speech.owned("patrol-standing")
            } else {
                speech.with("patrol-speed-value", &[("kmh", format!("{:.1}", speed_mps * 3.6).into())])
            };
            self.fact(&mut facts, "patrol-speed", Some(speed));
        }
        if let Some(percent) = patrol.fix.and_then(|fix| fix.battery_percent) {
            let tone = if percent <= Fix::FLAT_PERCENT { Tone::Bad } else { Tone::Normal };
            self.toned_fact(&mut facts, "patrol-battery", Some(format!("{percent:.0}%")), tone);
        }
        self.fact(
            &mut facts,
            "patrol-accuracy",
            patrol.fix.and_then(|fix| fix.accuracy_m).map(|metres| {
                speech.with("patrol-accuracy-value", &[("metres", (metres.round() as i64).into())])
            }),
        );
        self.areas(&mut facts, &patrol.areas);
        let mut badges = vec![(speech.owned(duty.key()), duty_tone(duty))];
        if patrol.fix.is_some_and(|fix| fix.mock) {
            badges.push((speech.owned("patrol-mock"), Tone::Bad));
        }
        Card {
            kind: speech.owned("patrol"),
            title: shown_name(patrol, self.masks_names),
            badges,
            facts,
            ..Card::default()
        }
    }
}
