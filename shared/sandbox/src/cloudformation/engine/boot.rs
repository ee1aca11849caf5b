//! A stack from a template on this machine: what `dev` and tests start with.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::Run;
use crate::cloud::Cloud;
use crate::cloudformation::model::Model;
use crate::cloudformation::resources::{Names, Refused};
use crate::cloudformation::stack::{Settings, Stack};
use crate::lambda::FunctionSpec;
use crate::template::ResolveOptions;
use crate::wire::ServiceError;

/// A template that is on this machine.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Source {
    /// As it is written.
    pub(crate) text: String,
    /// The same, read; files that it names are in it.
    pub(crate) document: Value,
    pub(crate) options: ResolveOptions,
}

/// Why a stack could not be made: the resource, and what its service said.
#[derive(Debug)]
pub(crate) struct Unmade {
    pub(crate) logical_id: String,
    pub(crate) refused: Refused,
}

/// Makes the stack, with names that are known beforehand. What is made before something fails stays.
pub(crate) async fn boot(
    cloud: &Cloud,
    source: &Source,
    prepared: BTreeMap<String, Result<FunctionSpec, ServiceError>>,
) -> Result<(), Unmade> {
    let unmade = |logical_id: &str, message: String| Unmade {
        logical_id: logical_id.to_owned(),
        refused: Refused { operation: "CreateStack".into(), source: ServiceError::new("ValidationError", message) },
    };
    let options = source.options.clone();
    let stack_name = options.stack_name.clone();
    let parameters = parameters(source);
    let model = Model::built(source.text.clone(), source.document.clone(), parameters, options, true);
    let model = Arc::new(model.map_err(|error| unmade("", error.message))?);
    let settings = Settings { keep_failed: true, ..Settings::default() };
    let mut stack = Stack::new(cloud, &stack_name, settings.clone());
    stack.model = Some(model.clone());
    stack.set_status(cloud, "CREATE_IN_PROGRESS", Some("User Initiated".into()));
    let run = Run { names: Names::Fixed, prepared: Arc::new(prepared), ..Run::new(cloud, &stack) };
    cloud.cloudformation().state().stacks.insert(stack.id.clone(), stack);
    if let Err(failure) = run.create_all(&model, &settings).await {
        let reason = format!("The following resource(s) failed to create: [{}]. ", failure.logical_id);
        run.set_status("CREATE_FAILED", Some(reason));
        let refused = failure.refused.clone();
        return Err(match refused {
            Some(refused) => Unmade { logical_id: failure.logical_id, refused: *refused },
            None => unmade(&failure.logical_id, failure.reason),
        });
    }
    run.settle_outputs(&model).map_err(|reason| unmade("", reason))?;
    run.set_status("CREATE_COMPLETE", None);
    Ok(())
}

/// What is given, and the defaults of the rest.
fn parameters(source: &Source) -> IndexMap<String, String> {
    let declared = source.document.get("Parameters").and_then(Value::as_object).into_iter().flatten();
    let value = |(name, declaration): (&String, &Value)| {
        let default = declaration.get("Default").map(|d| d.as_str().map_or_else(|| d.to_string(), str::to_owned));
        Some((name.clone(), source.options.parameters.get(name).cloned().or(default)?))
    };
    declared.filter_map(value).collect()
}
