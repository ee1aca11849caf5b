//! `AWS::Events::EventBus`, `AWS::Events::Archive`.

use super::Resource;
use crate::template::reader::Reader;
use crate::template::topology::{ArchiveResource, BusResource, Topology};

pub(super) fn bus(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>) {
    reader.require("Name");
    reader.no_effect(&["Name", "Description", "KmsKeyIdentifier", "LogConfig", "Tags"]);
    reader.finish();
    topology.buses.push(BusResource {
        logical_id: resource.logical_id.to_owned(),
        name: resource.identity.name.clone(),
        arn: resource.identity.arn.clone(),
        line: resource.place.line,
    });
}

pub(super) fn archive(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>) {
    reader.no_effect(&["ArchiveName", "KmsKeyIdentifier"]);
    let archive = ArchiveResource {
        logical_id: resource.logical_id.to_owned(),
        name: resource.identity.name.clone(),
        source_arn: reader.required_text("SourceArn").unwrap_or_default(),
        description: reader.text("Description"),
        pattern: reader.json("EventPattern"),
        retention_days: reader.number("RetentionDays"),
        line: resource.place.line,
    };
    reader.finish();
    topology.archives.push(archive);
}
