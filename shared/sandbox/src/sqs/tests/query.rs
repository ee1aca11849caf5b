//! The query protocol, by hand: no SDK of ours speaks it.

use bytes::Bytes;
use http::{Request, StatusCode};

use super::queue;
use crate::Cloud;
use crate::testing::cloud;

async fn post(cloud: &Cloud, path: &str, form: &str) -> (StatusCode, String) {
    let request = Request::post(format!("http://localhost{path}"))
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(Bytes::from(form.to_owned()))
        .unwrap();
    let (parts, body) = cloud.handle(request).await.into_parts();
    (parts.status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn forms_are_answered_in_xml() {
    let cloud = cloud();
    let (_, made) = post(
        &cloud,
        "/",
        "Action=CreateQueue&QueueName=q&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=60&Version=2012-11-05",
    )
    .await;
    assert!(
        made.contains("<CreateQueueResult><QueueUrl>http://cloud.invalid/000000000000/q</QueueUrl></Create"),
        "{made}"
    );
    let path = "/000000000000/q";
    let form = "Action=SendMessage&MessageBody=a%26b+%3Cc%3E&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=\
                String&MessageAttribute.1.Value.StringValue=v";
    let (_, sent) = post(&cloud, path, form).await;
    assert!(sent.contains("<MD5OfMessageAttributes>"), "{sent}");
    let form = "Action=ReceiveMessage&AttributeName.1=All&MessageAttributeName.1=All";
    let (_, received) = post(&cloud, path, form).await;
    for part in [
        "<Body>a&amp;b &lt;c&gt;</Body>",
        "<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>",
        "<MessageAttribute><Name>n</Name><Value><StringValue>v</StringValue><DataType>String</DataType></Value>",
    ] {
        assert!(received.contains(part), "{received}");
    }
    let form = "Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=x&SendMessageBatchRequestEntry.1.MessageBody=1&\
                SendMessageBatchRequestEntry.2.Id=y";
    let (_, batch) = post(&cloud, path, form).await;
    assert!(batch.contains("<SendMessageBatchResultEntry>") && batch.contains("<BatchResultErrorEntry>"), "{batch}");
    let request = queue(&cloud, "q", &[]).await;
    assert_eq!(request.attribute("VisibilityTimeout").await, "60");
}

#[tokio::test(start_paused = true)]
async fn errors_have_the_names_of_this_protocol() {
    let (status, error) = post(&cloud(), "/", "Action=GetQueueUrl&QueueName=none").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(error.contains("<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"), "{error}");
    let (_, error) = post(&cloud(), "/", "Action=Nonsense").await;
    assert!(error.contains("<Code>InvalidAction</Code>"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn answers_without_members_have_a_result_and_urls_can_hold_the_request() {
    let cloud = cloud();
    queue(&cloud, "q", &[]).await;
    let (_, empty) = post(&cloud, "/000000000000/q", "Action=ReceiveMessage").await;
    assert!(empty.contains("<ReceiveMessageResult></ReceiveMessageResult>"), "{empty}");
    let (_, done) = post(&cloud, "/000000000000/q", "Action=PurgeQueue").await;
    assert!(!done.contains("PurgeQueueResult"), "{done}");
    let request = Request::get("http://localhost/000000000000/q?Action=GetQueueAttributes&AttributeName.1=QueueArn");
    let answer = cloud.handle(request.body(Bytes::new()).unwrap()).await.into_body();
    let answer = String::from_utf8(answer.to_vec()).unwrap();
    assert!(answer.contains("<Value>arn:aws:sqs:us-east-1:000000000000:q</Value>"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_requests_trace_is_the_messages_in_both_protocols() {
    let cloud = cloud();
    let queue = queue(&cloud, "q", &[]).await;
    let trace = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1";
    let json = format!(r#"{{ "QueueUrl": "{}", "MessageBody": "json" }}"#, queue.url);
    let requests = [
        ("application/x-amz-json-1.0", "/", json.as_str()),
        ("application/x-www-form-urlencoded", "/000000000000/q", "Action=SendMessage&MessageBody=form"),
    ];
    for (kind, path, body) in requests {
        let request = Request::post(format!("http://localhost{path}"))
            .header("content-type", kind)
            .header("x-amzn-trace-id", trace);
        let request = if path == "/" { request.header("x-amz-target", "AmazonSQS.SendMessage") } else { request };
        cloud.handle(request.body(Bytes::from(body.to_owned())).unwrap()).await;
    }
    let messages = queue.receive().await;
    let name = aws_sdk_sqs::types::MessageSystemAttributeName::AwsTraceHeader;
    let traces: Vec<&str> = messages.iter().map(|m| m.attributes().unwrap()[&name].as_str()).collect();
    assert_eq!(traces, [trace, trace]);
}
