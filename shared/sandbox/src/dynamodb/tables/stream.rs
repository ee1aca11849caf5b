//! What a stream's records show. Dynoxide always records both images, so that a write that changed nothing can be told
//! from one that did ([Change data capture](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html)).

use serde_json::{Value, json};

use super::{invalid, not_one_of};
use crate::wire::{ServiceError, set_member};

/// `StreamViewType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::dynamodb) enum View {
    Old,
    Keys,
    #[default]
    NewAndOld,
    New,
}

impl View {
    const ALL: [Self; 4] = [Self::Old, Self::Keys, Self::NewAndOld, Self::New];

    pub(in crate::dynamodb) fn as_str(self) -> &'static str {
        match self {
            Self::Old => "OLD_IMAGE",
            Self::Keys => "KEYS_ONLY",
            Self::NewAndOld => "NEW_AND_OLD_IMAGES",
            Self::New => "NEW_IMAGE",
        }
    }

    pub(in crate::dynamodb) fn shows_old(self) -> bool {
        matches!(self, Self::Old | Self::NewAndOld)
    }

    pub(in crate::dynamodb) fn shows_new(self) -> bool {
        matches!(self, Self::New | Self::NewAndOld)
    }

    fn read(text: &str) -> Result<Self, ServiceError> {
        Self::ALL.into_iter().find(|view| view.as_str() == text).ok_or_else(|| {
            let set = Self::ALL.map(Self::as_str).join(", ");
            not_one_of(text, "streamSpecification.streamViewType", &set)
        })
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    On(View),
    Off,
}

#[derive(Default)]
pub(super) struct Facts {
    view: Option<View>,
    /// The last stream's ARN and label, which stay when it is disabled.
    latest: Option<(Value, Value)>,
}

/// Takes the view type; `facts` are those of the table when it is there already.
pub(super) fn take(table: &str, facts: Option<&Facts>, input: &mut Value) -> Result<Option<Change>, ServiceError> {
    let Some(asked) = input.get_mut("StreamSpecification").filter(|asked| asked.is_object()) else { return Ok(None) };
    let Some(on) = asked.get("StreamEnabled").and_then(Value::as_bool) else {
        let message = "1 validation error detected: Value null at 'streamSpecification.streamEnabled' failed to \
                       satisfy constraint: Member must not be null";
        return Err(ServiceError::new("ValidationException", message));
    };
    let view = asked.get("StreamViewType").and_then(Value::as_str).map(View::read).transpose()?;
    let change = change(on, view, facts.is_some())?;
    let already = facts.map(|facts| facts.view.is_some());
    let refused = match (already, on) {
        (Some(true), true) => "Table already has an enabled stream",
        (Some(false), false) => "Table has no stream to disable",
        _ => {
            if on {
                set_member(asked, "StreamViewType", View::NewAndOld.as_str());
            }
            return Ok(Some(change));
        }
    };
    Err(ServiceError::new("ValidationException", format!("{refused}: TableName: {table}")))
}

fn change(on: bool, view: Option<View>, existing: bool) -> Result<Change, ServiceError> {
    match (on, view) {
        (true, Some(view)) => Ok(Change::On(view)),
        (false, None) => Ok(Change::Off),
        (true, None) if existing => Err(invalid("If stream is being enabled then UpdateViewType is required")),
        (true, None) => Err(invalid("Table is being created with a stream enabled, UpdateViewType is required")),
        (false, Some(_)) if existing => {
            Err(invalid("If stream is being disabled, then UpdateViewType must not be specified"))
        }
        (false, Some(_)) => {
            Err(invalid("Table is being created with a stream disabled, UpdateViewType should not be specified"))
        }
    }
}

impl Facts {
    pub(super) fn view(&self) -> View {
        self.view.unwrap_or_default()
    }

    pub(super) fn describe(&mut self, change: Option<Change>, table: &mut Value) {
        match change {
            Some(Change::On(view)) => self.view = Some(view),
            Some(Change::Off) => self.view = None,
            None => {}
        }
        if let (Some(arn), Some(label)) = (table.get("LatestStreamArn"), table.get("LatestStreamLabel")) {
            self.latest = Some((arn.clone(), label.clone()));
        } else if let Some((arn, label)) = &self.latest {
            set_member(table, "LatestStreamArn", arn.clone());
            set_member(table, "LatestStreamLabel", label.clone());
        }
        if let (Some(view), Some(shown)) = (self.view, table.get_mut("StreamSpecification")) {
            *shown = json!({ "StreamEnabled": true, "StreamViewType": view.as_str() });
        }
    }
}
