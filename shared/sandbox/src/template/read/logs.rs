//! `AWS::Logs::LogGroup`, `AWS::Logs::SubscriptionFilter`.

use super::Resource;
use crate::template::reader::Reader;
use crate::template::topology::{LogGroupResource, SubscriptionResource, Topology};

pub(super) fn group(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>) {
    let no_effect = ["LogGroupName", "DataProtectionPolicy", "FieldIndexPolicies", "KmsKeyId", "LogGroupClass", "Tags"];
    reader.no_effect(&no_effect);
    let retention_days = reader.number("RetentionInDays");
    reader.finish();
    topology.log_groups.push(LogGroupResource {
        logical_id: resource.logical_id.to_owned(),
        name: resource.identity.name.clone(),
        retention_days,
        line: resource.place.line,
    });
}

pub(super) fn subscription(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>) {
    reader.require("FilterPattern");
    reader.no_effect(&["FilterName", "Distribution", "RoleArn"]);
    let subscription = SubscriptionResource {
        logical_id: resource.logical_id.to_owned(),
        name: resource.identity.name.clone(),
        log_group: reader.required_text("LogGroupName").unwrap_or_default(),
        pattern: reader.text("FilterPattern").unwrap_or_default(),
        destination_arn: reader.required_text("DestinationArn").unwrap_or_default(),
        line: resource.place.line,
    };
    reader.finish();
    topology.subscriptions.push(subscription);
}
