//! What an account may have, and has
//! ([GetAccountSettings](https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html)).

use serde_json::json;

use super::code;
use crate::cloud::Cloud;
use crate::lambda::limits::{ACCOUNT_CONCURRENCY, CODE, CODE_OF_ACCOUNT, ZIPPED_CODE};
use crate::wire::Answer;

pub(super) fn settings(cloud: &Cloud) -> Answer {
    let functions: Vec<_> = cloud.lambda().state().functions.values().cloned().collect();
    let reserved: u64 = functions.iter().filter_map(|function| function.family.reserved()).map(u64::from).sum();
    let size = |function: &crate::lambda::function::Function| code::digest(&function.spec().code).1;
    let published = |function: &crate::lambda::function::Function| {
        function.family.beside().versions.values().map(|version| size(version)).sum::<u64>()
    };
    let used: u64 = functions.iter().map(|function| size(function) + published(function)).sum();
    Ok(json!({
        "AccountLimit": {
            "TotalCodeSize": CODE_OF_ACCOUNT,
            "CodeSizeUnzipped": CODE,
            "CodeSizeZipped": ZIPPED_CODE,
            "ConcurrentExecutions": ACCOUNT_CONCURRENCY,
            "UnreservedConcurrentExecutions": (ACCOUNT_CONCURRENCY as u64).saturating_sub(reserved),
        },
        "AccountUsage": { "TotalCodeSize": used, "FunctionCount": functions.len() },
    }))
}
