//! What a case is.

use futures::future::LocalBoxFuture;

use crate::account::Account;

/// One fact of AWS, and code that fails where it does not hold.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// The name of its function.
    pub name: &'static str,
    /// The fact, for people.
    pub fact: &'static str,
    /// The page of AWS's documentation that states it.
    pub page: &'static str,
    /// The code. It panics when the fact does not hold.
    pub run: fn(Account) -> LocalBoxFuture<'static, ()>,
    /// Whether it waits for so long that it only runs where time is virtual.
    pub virtual_time: bool,
}

impl Case {
    /// The same, only for where time is virtual: it waits for minutes or hours.
    #[must_use]
    pub const fn waits_long(self) -> Self {
        Self { virtual_time: true, ..self }
    }
}

/// The cases of one topic.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The topic.
    pub name: &'static str,
    /// Its cases.
    pub cases: &'static [Case],
}

impl Group {
    /// `topic::case`, as lists and filters write it.
    pub fn full_name(&self, case: &Case) -> String {
        format!("{}::{}", self.name, case.name)
    }
}

/// A [`Case`] from its function, fact and page.
#[macro_export]
macro_rules! case {
    ($function:ident, $fact:literal, $page:expr) => {
        $crate::Case {
            name: stringify!($function),
            fact: $fact,
            page: $page,
            run: |account| Box::pin($function(account)),
            virtual_time: false,
        }
    };
}
