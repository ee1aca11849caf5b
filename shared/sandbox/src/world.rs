//! Other accounts and regions: each is a cloud of its own, made when it is first asked for.
//!
//! Services reach them by ARN (a bus whose target is a bus elsewhere). Requests from outside reach them only where the
//! cloud was built [`worldwide`](crate::CloudBuilder::worldwide); otherwise one cloud answers whatever region a client has.

use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::cloud::Cloud;

impl Cloud {
    /// The cloud that a request was signed for: the key's account, if the key is an account's twelve digits, and the region
    /// of the credential's scope
    /// ([Signature Version 4](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)).
    pub(crate) fn signed_for(&self, parts: &Parts) -> Self {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        match header.filter(|_| self.is_worldwide()).and_then(scope) {
            Some((key, region)) => self.elsewhere(Some(key).filter(|key| is_account(key)), Some(region)),
            None => self.clone(),
        }
    }

    /// The cloud that an ARN's account and region are of.
    pub(crate) fn of_arn(&self, arn: &str) -> Self {
        let mut parts = arn.split(':').skip(3);
        let region = parts.next().filter(|region| !region.is_empty());
        self.elsewhere(parts.next().filter(|account| is_account(account)), region)
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn scope(header: &str) -> Option<(&str, &str)> {
    let credential = header.split_once("Credential=")?.1;
    let mut parts = credential.split(['/', ',', ' ']);
    let key = parts.next()?;
    let region = parts.nth(1).filter(|region| !region.is_empty())?;
    Some((key, region))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::Clock;
    use crate::testing::cloud;

    fn signed(key: &str, region: &str) -> Parts {
        let header =
            format!("AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/events/aws4_request, SignedHeaders=host");
        Request::builder().header(AUTHORIZATION, header).body(()).unwrap().into_parts().0
    }

    #[tokio::test]
    async fn a_worldwide_cloud_keeps_accounts_and_regions_apart() {
        let cloud = Cloud::builder(Clock::wall()).worldwide().build();
        let of = |key, region| {
            let cloud = cloud.signed_for(&signed(key, region));
            cloud.arn("sqs", "q")
        };
        assert_eq!(of("test", "us-east-1"), "arn:aws:sqs:us-east-1:000000000000:q");
        assert_eq!(of("test", "eu-west-1"), "arn:aws:sqs:eu-west-1:000000000000:q");
        assert_eq!(of("000000000002", "us-east-1"), "arn:aws:sqs:us-east-1:000000000002:q");
        // The same cloud every time, from wherever it is asked for.
        let other = cloud.of_arn("arn:aws:sqs:eu-west-1:000000000002:q");
        assert!(other.is(&cloud.signed_for(&signed("000000000002", "eu-west-1"))));
        assert!(other.of_arn("arn:aws:sqs:us-east-1:000000000000:q").is(&cloud));
    }

    #[tokio::test]
    async fn otherwise_one_cloud_answers_every_region() {
        let cloud = cloud();
        assert!(cloud.signed_for(&signed("000000000002", "eu-west-1")).is(&cloud));
    }
}
