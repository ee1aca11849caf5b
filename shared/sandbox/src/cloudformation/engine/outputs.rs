//! A stack's outputs, and what it exports to others.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Run;
use crate::cloud::Cloud;
use crate::cloudformation::model::Model;
use crate::cloudformation::references;
use crate::cloudformation::stack::Output;
use crate::template::stack::World;

/// Every export's name and value.
pub(in crate::cloudformation) fn exports(cloud: &Cloud) -> BTreeMap<String, String> {
    let state = cloud.cloudformation().state();
    let outputs = state.stacks.values().filter(|stack| !stack.is_gone()).flat_map(|stack| &stack.outputs);
    outputs.filter_map(|output| Some((output.export.clone()?, output.value.clone()))).collect()
}

/// The outputs of a model, worked out.
pub(in crate::cloudformation) fn outputs(model: &Model, world: &World) -> Result<Vec<Output>, String> {
    let mut found = Vec::new();
    let section = model.document.get("Outputs").and_then(Value::as_object).into_iter().flatten();
    for (key, output) in section {
        if let Some(condition) = output.get("Condition").and_then(Value::as_str)
            && !model.evaluator.holds(condition)?
        {
            continue;
        }
        let text = |value: Option<&Value>| -> Result<Option<String>, String> {
            let Some(value) = value else { return Ok(None) };
            Ok(model
                .evaluator
                .resolve(value, world)?
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        };
        let value = text(output.get("Value"))?;
        let value = value.ok_or_else(|| {
            format!("Output {key} is malformed: The Value field of every Outputs member must evaluate to a String.")
        })?;
        found.push(Output {
            key: key.clone(),
            value,
            description: text(output.get("Description"))?,
            export: text(output.pointer("/Export/Name"))?,
        });
    }
    Ok(found)
}

impl Run {
    /// Works out the outputs and gives them to the stack.
    pub(super) fn settle_outputs(&self, model: &Model) -> Result<(), String> {
        let world = self.world();
        let outputs = outputs(model, &world)?;
        let mut imports = BTreeSet::new();
        let name = |value: &Value| model.evaluator.resolve(value, &world).ok().flatten()?.as_str().map(str::to_owned);
        references::imports(&model.document, &name, &mut imports);
        let state = self.cloud.cloudformation().state();
        for export in outputs.iter().filter_map(|output| output.export.as_ref()) {
            let others = state.stacks.values().filter(|stack| stack.id != self.id && !stack.is_gone());
            let owner =
                others.into_iter().find(|stack| stack.outputs.iter().any(|o| o.export.as_ref() == Some(export)));
            if let Some(owner) = owner {
                return Err(format!("Export with name {export} is already exported by stack {}. ", owner.name));
            }
        }
        drop(state);
        self.change(|stack| {
            stack.outputs = outputs;
            stack.imports = imports;
        });
        Ok(())
    }
}
