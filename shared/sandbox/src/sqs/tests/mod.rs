//! Through the SDK's client.

mod fifo;
mod query;
mod queues;
mod redrive;
mod refusals;
mod standard;

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, QueueAttributeName};

use crate::Cloud;
use crate::testing::config;

struct Queue {
    client: Client,
    url: String,
}

async fn queue(cloud: &Cloud, name: &str, attributes: &[(QueueAttributeName, &str)]) -> Queue {
    let client = Client::new(&config(cloud));
    let mut request = client.create_queue().queue_name(name);
    for (name, value) in attributes {
        request = request.attributes(name.clone(), *value);
    }
    let url = request.send().await.unwrap().queue_url.unwrap();
    Queue { client, url }
}

async fn fifo(cloud: &Cloud, name: &str, attributes: &[(QueueAttributeName, &str)]) -> Queue {
    let mut all = vec![(QueueAttributeName::FifoQueue, "true")];
    all.extend_from_slice(attributes);
    queue(cloud, name, &all).await
}

impl Queue {
    async fn send(&self, body: &str) {
        self.client.send_message().queue_url(&self.url).message_body(body).send().await.unwrap();
    }

    async fn send_in(&self, group: &str, id: &str, body: &str) -> String {
        let request = self.client.send_message().queue_url(&self.url).message_body(body);
        let request = request.message_group_id(group).message_deduplication_id(id);
        request.send().await.unwrap().message_id.unwrap()
    }

    async fn receive(&self) -> Vec<Message> {
        let request = self.client.receive_message().queue_url(&self.url).max_number_of_messages(10);
        let request = request.message_system_attribute_names("All".into()).message_attribute_names("All");
        request.send().await.unwrap().messages.unwrap_or_default()
    }

    async fn bodies(&self) -> Vec<String> {
        self.receive().await.into_iter().map(|m| m.body.unwrap()).collect()
    }

    async fn delete(&self, message: &Message) {
        let handle = message.receipt_handle().unwrap();
        self.client.delete_message().queue_url(&self.url).receipt_handle(handle).send().await.unwrap();
    }

    async fn attribute(&self, name: &str) -> String {
        let request = self.client.get_queue_attributes().queue_url(&self.url).attribute_names("All".into());
        request.send().await.unwrap().attributes.unwrap()[&QueueAttributeName::from(name)].clone()
    }
}

async fn pass(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}
