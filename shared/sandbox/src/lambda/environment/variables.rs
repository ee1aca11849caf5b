//! The variables that Lambda sets
//! ([defined runtime environment variables](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime)).

use std::collections::BTreeMap;

use super::program;
use crate::cloud::Cloud;
use crate::lambda::logging::LogWriter;
use crate::lambda::spec::{FunctionSpec, LogFormat};

/// The function's own variables, under Lambda's.
pub(super) fn of(cloud: &Cloud, spec: &FunctionSpec, version: &str, log: &LogWriter) -> BTreeMap<String, String> {
    let mut variables = spec.environment.clone();
    let mut set = |name: &str, value: &str| variables.insert(name.to_owned(), value.to_owned());
    set("_HANDLER", &spec.handler);
    set("AWS_REGION", cloud.region());
    set("AWS_DEFAULT_REGION", cloud.region());
    set("AWS_EXECUTION_ENV", &format!("AWS_Lambda_{}", spec.runtime));
    set("AWS_LAMBDA_FUNCTION_NAME", &spec.name);
    set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &spec.memory_mb.to_string());
    set("AWS_LAMBDA_FUNCTION_VERSION", version);
    set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    set("AWS_LAMBDA_LOG_GROUP_NAME", log.group());
    set("AWS_LAMBDA_LOG_STREAM_NAME", log.stream());
    // Where accounts are kept apart, the key says whose the function's requests are.
    set("AWS_ACCESS_KEY_ID", if cloud.is_worldwide() { cloud.account() } else { "test" });
    set("AWS_SECRET_ACCESS_KEY", "test");
    set("AWS_SESSION_TOKEN", "test");
    set("AWS_ENDPOINT_URL", cloud.endpoint());
    set("TZ", ":UTC");
    if spec.log_format == LogFormat::Json {
        set("AWS_LAMBDA_LOG_FORMAT", "JSON");
        set("AWS_LAMBDA_LOG_LEVEL", spec.application_log_level.as_deref().unwrap_or("INFO"));
    }
    if let Some(root) = program(&spec.code).as_deref().and_then(std::path::Path::parent) {
        set("LAMBDA_TASK_ROOT", &root.to_string_lossy());
        set("LAMBDA_RUNTIME_DIR", &root.to_string_lossy());
    }
    variables
}
