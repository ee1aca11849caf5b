//! What can happen to the calls of a step or a compensation.

use serde::Serialize;

/// What the calls of one step or compensation come to. A fault lasts until a person redrives the execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Behaviour {
    /// It takes effect and answers.
    Succeeds,
    /// It takes effect, but the first answer is lost: the next attempt is a duplicate.
    AnsweredTwice,
    /// It fails for good, without effect.
    Refused,
    /// It never answers, without effect; every attempt runs out of time.
    TimesOut,
    /// It takes effect, but no attempt ever answers.
    TakesEffectUnheard,
    /// No attempt ever answers, and the effect comes late: after the step's own compensation.
    TakesEffectLate,
}

impl Behaviour {
    /// Of a step that turns the saga back when it fails, the pivot included.
    pub(crate) const STEP: &'static [Self] = &[
        Self::Succeeds,
        Self::AnsweredTwice,
        Self::Refused,
        Self::TimesOut,
        Self::TakesEffectUnheard,
        Self::TakesEffectLate,
    ];
    /// Of a call that has to succeed in the end: compensations, the closing step, the steps after the pivot. Nothing comes
    /// after it that a late effect could disturb, so a late one is as good as an unheard one.
    pub(crate) const PATIENT: &'static [Self] =
        &[Self::Succeeds, Self::AnsweredTwice, Self::Refused, Self::TimesOut, Self::TakesEffectUnheard];
}
