//! Posts (岗位): role × areas × departments, and whose an issue is.
//!
//! A person has an account, and an account has posts; a program or a wall has one.
//! What is somebody's own ([`Power::OnTheirs`]) is decided here and nowhere else: [`Post::covers`].

use serde::{Deserialize, Serialize};

use super::{Actor, Department, Issue, NotAllowed, PatrolId, Power, Role, Step};

/// A post: in what role somebody acts, where and for whom. Its name is a label such as `城站第05网格 网格员`, never a person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Its name, unique; what it does is signed with it.
    pub name: String,
    /// In what role.
    pub role: Role,
    /// Codes of the areas that it is for: subdistricts (9 digits), communities (12), grids (15), compounds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    /// The departments or property companies that it acts for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<Department>,
    /// The patrol whose positions it sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patrol: Option<PatrolId>,
}

/// An account: whoever logs in with it holds these posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What is typed to log in.
    pub id: String,
    /// What it may act as, one at least.
    pub posts: Vec<Post>,
}

/// Who asks for a step, as the rules see it.
#[derive(Debug, Clone, Copy)]
pub enum Standing<'a> {
    /// Speaks for others: the actor is who the request says, and nothing is known of their areas.
    AsSaid,
    /// Is one of these posts, whatever the request says.
    Holds {
        /// Which.
        posts: &'a [Post],
        /// Who reported the issue, where that is known.
        reporter: Option<&'a Actor>,
    },
}

/// That an issue is not theirs, although the role may take the step on what is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "role {role:?} may take step {step:?} only on what its areas or departments have, or what it reported"
)]
pub struct NotTheirs {
    /// The role that asked.
    pub role: Role,
    /// The step that it asked for.
    pub step: Step,
}

/// Why somebody may not take a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody of this role may.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The role may, but not on this issue.
    #[error(transparent)]
    NotTheirs(#[from] NotTheirs),
}

impl Post {
    /// How it signs.
    pub fn actor(&self) -> Actor {
        Actor { name: self.name.clone(), role: self.role }
    }

    /// Whether an issue is theirs.
    ///
    /// Whatever it reported itself is; a handler's is what a department of theirs has as lead or helper, a manager's what
    /// lies in their areas, an officer's what lies in their areas, or what their department has where the post has no area.
    pub fn covers(&self, issue: &Issue, reporter: Option<&Actor>) -> bool {
        if reporter.is_some_and(|reporter| reporter.name == self.name && reporter.role == self.role) {
            return true;
        }
        match self.role {
            Role::Handler => self.has(issue),
            Role::Manager => self.lies_in(issue),
            Role::Officer if self.areas.is_empty() => self.has(issue),
            Role::Officer => self.lies_in(issue),
            _ => false,
        }
    }

    fn has(&self, issue: &Issue) -> bool {
        issue.department.iter().chain(&issue.helpers).any(|department| self.departments.contains(department))
    }

    fn lies_in(&self, issue: &Issue) -> bool {
        let areas = &issue.areas;
        let codes = [&areas.community, &areas.grid, &areas.compound];
        codes.into_iter().flatten().any(|code| self.areas.iter().any(|area| is_within(code, area)))
    }

    /// Whether it may take a step on this issue.
    fn check(&self, step: Step, issue: Option<&Issue>, reporter: Option<&Actor>) -> Result<(), Denied> {
        self.role.check(step)?;
        let is_theirs = || issue.is_none_or(|issue| self.covers(issue, reporter));
        if self.role.power(step) == Power::Always || is_theirs() {
            Ok(())
        } else {
            Err(NotTheirs { role: self.role, step }.into())
        }
    }
}

/// Whether an area is another, or lies in it by its code: those of 9, 12 and 15 digits are nested.
fn is_within(code: &str, area: &str) -> bool {
    let is_nested = [9, 12, 15].contains(&area.len()) && area.bytes().all(|byte| byte.is_ascii_digit());
    code == area || (is_nested && code.len() > area.len() && code.starts_with(area))
}

impl Standing<'_> {
    /// As whom a step is taken on an issue (none yet if it is being reported): who the request says where that may be
    /// said, else the post that it names, else the first that may.
    ///
    /// # Errors
    /// [`Denied`] if no post may, for the reason of the one named, else of the first that comes nearest.
    pub fn act(&self, step: Step, issue: Option<&Issue>, said: &Actor) -> Result<Actor, Denied> {
        let Self::Holds { posts, reporter } = *self else {
            said.role.check(step)?;
            return Ok(said.clone());
        };
        if let Some(post) = posts.iter().find(|post| post.actor() == *said) {
            return post.check(step, issue, reporter).map(|()| post.actor());
        }
        let mut denied = None;
        for post in posts {
            match post.check(step, issue, reporter) {
                Ok(()) => return Ok(post.actor()),
                Err(error @ Denied::NotTheirs(_)) => denied = Some(error),
                Err(error) => denied = denied.or(Some(error)),
            }
        }
        let nobody = || NotAllowed { role: said.role, step, may: step.roles() };
        Err(denied.unwrap_or_else(|| nobody().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::governance::{AreaCodes, ClassCode, IssueId, Source};

    fn post(name: &str, role: Role, areas: &[&str], departments: &[&str]) -> Post {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Post {
            name: name.to_owned(),
            role,
            areas: owned(areas),
            departments: owned(departments),
            patrol: None,
        }
    }

    /// In grid 330802006003005 and compound C7; the cleaners have it, the wardens help.
    fn issue() -> Issue {
        let class = ClassCode { scheme: "local".into(), kind: "event".into(), code: "1".into() };
        let areas = AreaCodes {
            community: Some("330802006003".into()),
            grid: Some("330802006003005".into()),
            compound: Some("C7".into()),
        };
        Issue {
            areas,
            department: Some("cleaners".into()),
            helpers: vec!["wardens".into()],
            ..Issue::reported(IssueId("A-1".into()), class, Source::Patrol, jiff::Timestamp::UNIX_EPOCH)
        }
    }

    #[test]
    fn whose_an_issue_is() {
        let is = |role, areas: &[&str], departments: &[&str]| {
            post("x", role, areas, departments).covers(&issue(), None)
        };
        // Its grid, its community, its subdistrict and its compound, but no neighbour of any of them.
        for area in ["330802006003005", "330802006003", "330802006", "C7"] {
            assert!(is(Role::Officer, &[area], &[]) && is(Role::Manager, &[area], &[]), "{area}");
        }
        for area in ["330802006003006", "330802006004", "330802007", "C", "3308020060", "33080200600300"] {
            assert!(!is(Role::Officer, &[area], &[]) && !is(Role::Manager, &[area], &[]), "{area}");
        }
        assert!(is(Role::Handler, &[], &["cleaners"]) && is(Role::Handler, &[], &["fire", "wardens"]));
        assert!(!is(Role::Handler, &["330802006003"], &["fire"]) && !is(Role::Handler, &[], &[]));
        // An officer of a department has what it has only where no area says what is theirs.
        assert!(is(Role::Officer, &[], &["wardens"]) && !is(Role::Officer, &["330802006004"], &["wardens"]));
        // A manager's department does not widen their areas.
        assert!(!is(Role::Manager, &["330802006004"], &["cleaners"]));
        for role in [Role::Program, Role::Screen, Role::Viewer, Role::Privacy] {
            assert!(!is(role, &["330802006003005"], &["cleaners"]), "{role:?}");
        }
    }

    #[test]
    fn what_somebody_reported_is_theirs() {
        let sensor = post("sensor 7", Role::Program, &[], &[]);
        let reporter = |name: &str, role| Actor { name: name.to_owned(), role };
        assert!(sensor.covers(&issue(), Some(&reporter("sensor 7", Role::Program))));
        assert!(!sensor.covers(&issue(), Some(&reporter("sensor 8", Role::Program))));
        assert!(!sensor.covers(&issue(), Some(&reporter("sensor 7", Role::Officer))));
    }

    #[test]
    fn a_holder_acts_as_a_post_that_may() {
        let posts = [
            post("grid", Role::Officer, &["330802006003005"], &[]),
            post("other community", Role::Manager, &["330802006004"], &[]),
            post("company", Role::Handler, &[], &["cleaners"]),
        ];
        let standing = Standing::Holds { posts: &posts, reporter: None };
        let said = Actor { name: "somebody else".into(), role: Role::Admin };
        let act = |step| standing.act(step, Some(&issue()), &said);
        assert_eq!(act(Step::Accept), Ok(posts[0].actor()));
        assert_eq!(act(Step::SendBack), Ok(posts[2].actor()));
        let not_theirs = NotTheirs { role: Role::Manager, step: Step::Close };
        assert_eq!(act(Step::Close), Err(not_theirs.into()));
        // One that is named is taken, whether it may or not.
        assert_eq!(standing.act(Step::Accept, Some(&issue()), &posts[2].actor()), Ok(posts[2].actor()));
        let named = standing.act(Step::SendBack, Some(&issue()), &posts[0].actor());
        assert!(
            matches!(named, Err(Denied::NotAllowed(NotAllowed { role: Role::Officer, .. }))),
            "{named:?}"
        );
        assert_eq!(standing.act(Step::Report, None, &said), Ok(posts[0].actor()));
        let nobody = Standing::Holds { posts: &[], reporter: None };
        assert!(nobody.act(Step::Report, None, &said).is_err());
    }

    #[test]
    fn whoever_speaks_for_others_is_held_to_the_role_alone() {
        let desk = Actor { name: "desk".into(), role: Role::Desk };
        assert_eq!(Standing::AsSaid.act(Step::Close, Some(&issue()), &desk), Ok(desk.clone()));
        let viewer = Actor { name: "viewer".into(), role: Role::Viewer };
        assert!(matches!(Standing::AsSaid.act(Step::Close, None, &viewer), Err(Denied::NotAllowed(_))));
    }
}
