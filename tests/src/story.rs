//! Telling a story, in process and in a deployment.

use crate::stack::Stack;

/// Tells a story in the local cloud in this process, on virtual time. Where the variable `THROUGHLINE_ENDPOINT` names an
/// endpoint at which the template is deployed, the story is told a second time there, on real time: every assertion has to
/// hold there too, and whenever the story waits until nothing is under way, tables, journal and the payment gateway's books have
/// to become what they were in process, but for times, made-up ids, and how often something was tried again.
///
/// # Panics
/// Something does not hold.
pub async fn tell(story: impl AsyncFn(&Stack)) {
    let mut stack = Stack::start().await;
    let Some(endpoint) = endpoint() else { return story(&stack).await };
    stack.remember();
    story(&stack).await;
    tokio::time::resume();
    story(&Stack::deployed(&endpoint, stack.recollections()).await).await;
}

/// Tells a story in process only; `reason` says why it cannot be told in a deployment.
///
/// # Panics
/// Something does not hold.
#[expect(clippy::print_stderr, reason = "who tells stories in a deployment sees which were not told there")]
pub async fn tell_in_process(story: impl AsyncFn(), reason: &str) {
    if endpoint().is_some() {
        eprintln!("told in process only: {reason}");
    }
    story().await;
}

#[expect(clippy::disallowed_methods, reason = "tests have no settings; where they are told is the caller's choice")]
fn endpoint() -> Option<String> {
    std::env::var("THROUGHLINE_ENDPOINT").ok().filter(|endpoint| !endpoint.is_empty())
}

/// Makes tests of stories: functions `async fn(&Stack)`. Those that can be told in process only, `async fn()`, say why, and are
/// listed in the constant `IN_PROCESS` of their module.
#[macro_export]
macro_rules! stories {
    (anywhere: $($story:ident),+ $(,)?) => {
        mod told {
            $(
                #[tokio::test(start_paused = true)]
                async fn $story() {
                    $crate::tell(super::$story).await;
                }
            )+
        }
    };
    (in_process: $reason:literal, $($story:ident),+ $(,)?) => {
        mod in_process {
            $(
                #[tokio::test(start_paused = true)]
                async fn $story() {
                    $crate::tell_in_process(super::$story, $reason).await;
                }
            )+
        }
        /// The stories that can be told in process only, and why.
        pub(crate) const IN_PROCESS: (&str, &[&str]) = ($reason, &[$(stringify!($story)),+]);
    };
}
