//! Colourings: what a building's colour says, instead of the look of its use.
//!
//! Each colouring is one file with a `Colouring`: it sorts buildings into the classes of a [`Scale`] and follows what it
//! needs of the `News`. `TABLE` registers it; with a name and a unit in the message files it is in the bar, in the
//! legend, in `--colouring` and under the key C. An example of the least that one takes is `height`.
//!
//! ```text
//! City ───────────────────────────────┐
//! SituationChanged → sites, tracks → News → Colouring::follow → Colourings::paint → Scene::states → city.wgsl
//!                                                                  └→ classes and counts → panels::legend
//! ```
//!
//! Reads [`Action::SetColouring`] and [`Action::Highlight`]; owns [`Colourings`]; writes the stage's states (one texel a
//! building), the share of windows that are lit, and the veil on the ground. A frame in which nothing changed costs
//! nothing; a new colouring is one pass over the buildings and one upload.

mod age;
mod choice;
mod field;
mod heat;
mod height;
mod issues;
mod keys;
mod patrol;
mod scale;
mod sites;
mod tone;
mod tracks;
mod usage;
mod waiting;

pub use choice::Colourings;
pub use scale::{Class, Name, Rgb, Scale, UNKNOWN};

use std::fmt;
use std::str::FromStr;

use bevy::prelude::*;
use jiff::Timestamp;

use self::sites::{IssueSites, SiteChange};
use self::tracks::{PatrolTracks, Walk};
use super::actions::Action;
use super::located::Located;
use super::place::Stand;
use super::situation::{Live, SituationChanged, SituationReceived};
use super::sky::SceneTime;
use super::stage::{FlatVertices, Scene};
use super::{ShowSystems, ViewerSystems};
use crate::city::{BuildingRef, City};

/// Every colouring, in the order of the bar.
const TABLE: [(ColouringKey, fn() -> Box<dyn Colouring>); 6] = [
    (ColouringKey("use"), || Box::new(usage::ByUse::new())),
    (ColouringKey("height"), || Box::new(height::ByHeight::new())),
    (ColouringKey("age"), || Box::new(age::ByAge::new())),
    (ColouringKey("issues"), || Box::new(issues::ByIssues::new())),
    (ColouringKey("patrol"), || Box::new(patrol::ByPatrol::new())),
    (ColouringKey("heat"), || Box::new(heat::Heat::new())),
];

/// What a colouring is called in commands and message files (`colouring-KEY`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColouringKey(&'static str);

impl ColouringKey {
    /// Every one, in the order of the bar.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(key, _)| *key)
    }

    /// The word.
    pub const fn word(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ColouringKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for ColouringKey {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::all().find(|key| key.0 == word).ok_or_else(|| {
            let known: Vec<&str> = Self::all().map(Self::word).collect();
            format!("a colouring is one of {}, not {word:?}", known.join(", "))
        })
    }
}

/// One thing that the colour of a building can say.
pub(crate) trait Colouring: Send + Sync {
    /// Its classes.
    fn scale(&self) -> &Scale;

    /// The class of a building.
    fn class(&self, building: BuildingRef<'_>) -> Class;

    /// The message that names what is unknown.
    fn unknown_key(&self) -> &'static str {
        "colouring-unknown"
    }

    /// Another city stands there: whatever was gathered for the one before is gone.
    fn begin(&mut self, _city: &City) {}

    /// Takes what is new, shown or not; tells which buildings may have another class now.
    fn follow(&mut self, _news: &News<'_>) -> Touched {
        Touched::Nothing
    }

    /// What the legend says below the classes.
    fn notes(&self) -> Vec<Note> {
        Vec::new()
    }

    /// What it paints on the ground, translucent; how high the ground is need not be known here.
    fn veil(&self) -> FlatVertices {
        FlatVertices::default()
    }
}

/// What is new since the frame before.
pub(crate) struct News<'a> {
    /// The buildings, and where things are among them.
    stand: &'a Stand,
    /// The scenario's time.
    now: Timestamp,
    /// Midnight at the place.
    day_start: Timestamp,
    /// Every issue.
    sites: &'a IssueSites,
    /// Issues that came, changed or went.
    issues: &'a [SiteChange],
    /// Stretches that patrols went.
    walks: &'a [Walk],
    /// Another database is behind the feed: nothing of the past holds.
    is_reset: bool,
}

/// Which buildings may have another class.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Touched {
    /// None.
    #[default]
    Nothing,
    /// These; the same one may come twice.
    Some(Vec<u32>),
    /// All.
    All,
}

impl Touched {
    fn add(&mut self, more: Self) {
        match (&mut *self, more) {
            (Self::All, _) | (_, Self::Nothing) => {}
            (Self::Some(held), Self::Some(more)) => held.extend(more),
            (_, more) => *self = more,
        }
    }
}

/// A line of a legend: a message and what stands in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Note {
    /// The message.
    pub(crate) key: &'static str,
    /// Its variables.
    pub(crate) values: Vec<(&'static str, NoteValue)>,
}

/// A value in a note.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum NoteValue {
    /// A number.
    Count(u32),
    /// A time, read at the place.
    Time(Timestamp),
}

/// Numbers from one to the next, for legends.
fn between(from: Option<f32>, to: Option<f32>) -> Name {
    match (from, to) {
        (from, Some(to)) => Name::Between(from.unwrap_or_default(), to),
        (from, None) => Name::From(from.unwrap_or_default()),
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Colourings>().init_resource::<IssueSites>().init_resource::<PatrolTracks>();
    app.add_plugins(keys::plugin).add_systems(
        Update,
        (
            follow
                .in_set(ViewerSystems::Receive)
                .after(SituationReceived)
                .run_if(resource_exists::<Stand>.and_then(resource_exists::<SceneTime>)),
            choose.in_set(ViewerSystems::Apply),
            paint
                .in_set(ShowSystems::Mark)
                .after(super::selection::mark)
                .before(super::floors::StoreysDrawn)
                .run_if(resource_exists::<Stand>),
        ),
    );
}

/// Gathers what is new and hands it to every colouring, shown or not: their past cannot be asked for later.
fn follow(
    mut changed: MessageReader<SituationChanged>,
    (live, located): (Res<Live>, Res<Located>),
    stand: Res<Stand>,
    time: Res<SceneTime>,
    mut sites: ResMut<IssueSites>,
    mut tracks: ResMut<PatrolTracks>,
    mut colourings: ResMut<Colourings>,
) {
    let situation = &live.situation;
    let mut is_reset = false;
    if stand.is_added() {
        // What came before the city was there is looked at now.
        colourings.begin(stand.city());
        sites.restart(situation);
        tracks.restart(situation);
        is_reset = true;
        changed.clear();
    }
    for SituationChanged(changes) in changed.read() {
        is_reset |= changes.reset;
        sites.follow(changes);
        tracks.follow(changes, situation);
    }
    let issues = sites.take(situation, &located, &stand);
    let walks = tracks.take(situation, &stand);
    let day_start = time.local().start_of_day().map_or(time.now, |start| start.timestamp());
    let news = News {
        stand: &stand,
        now: time.now,
        day_start,
        sites: &sites,
        issues: &issues,
        walks: &walks,
        is_reset,
    };
    let is_behind = sites.is_behind() || tracks.is_behind();
    colourings.bypass_change_detection().follow(&news, is_behind);
}

fn choose(mut actions: MessageReader<Action>, mut colourings: ResMut<Colourings>) {
    for action in actions.read() {
        match action {
            Action::SetColouring(key) => colourings.show(*key),
            Action::Highlight(class) => colourings.highlight(*class),
            _ => {}
        }
    }
}

pub(super) fn paint(
    mut colourings: ResMut<Colourings>,
    stand: Res<Stand>,
    time: Res<Time>,
    mut scene: ResMut<Scene>,
) {
    let colourings = colourings.bypass_change_detection();
    colourings.paint(&stand, time.elapsed_secs_f64(), scene.bypass_change_detection());
    colourings.dim_windows(time.delta_secs(), &mut scene.bypass_change_detection().palette);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Language, Messages};

    #[test]
    fn every_colouring_has_a_key_of_its_own_and_its_words() {
        let keys: Vec<ColouringKey> = ColouringKey::all().collect();
        for key in &keys {
            assert_eq!(keys.iter().filter(|other| *other == key).count(), 1, "{key}");
            assert_eq!(key.word().parse(), Ok(*key));
        }
        assert!("colour".parse::<ColouringKey>().expect_err("none").contains("use, height"));
        for (language, (key, make)) in
            Language::ALL.into_iter().flat_map(|language| TABLE.map(|entry| (language, entry)))
        {
            let (messages, colouring) = (Messages::new(language), make());
            for name in
                [format!("colouring-{key}"), format!("colouring-{key}-unit"), colouring.unknown_key().into()]
            {
                assert!(messages.has(&name), "{name} in {language}");
            }
            assert!((2..=12).contains(&colouring.scale().classes.len()), "{key}");
        }
    }

    #[test]
    fn what_is_touched_adds_up() {
        let mut touched = Touched::Nothing;
        touched.add(Touched::Some(vec![1]));
        touched.add(Touched::Nothing);
        touched.add(Touched::Some(vec![2]));
        assert_eq!(touched, Touched::Some(vec![1, 2]));
        touched.add(Touched::All);
        touched.add(Touched::Some(vec![3]));
        assert_eq!(touched, Touched::All);
    }
}
