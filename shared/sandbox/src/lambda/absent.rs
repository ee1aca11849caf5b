//! Operations that the local cloud does not have, by their addresses: REST requests do not say which one they are
//! ([actions](https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html)).

use http::Method;

/// The operation that such a request is.
pub(super) fn operation(method: &Method, segments: &[&str]) -> Option<&'static str> {
    match segments {
        [_, "layers", ..] => layers(method, segments),
        [_, "layers-by-arn"] => Some("GetLayerVersionByArn"),
        [_, "code-signing-configs", ..] => code_signing(method, segments),
        [_, "functions", _, rest @ ..] => of_function(method, rest),
        _ => None,
    }
}

fn layers(method: &Method, segments: &[&str]) -> Option<&'static str> {
    Some(match (method.as_str(), segments.get(2..)?) {
        ("GET", []) => "ListLayers",
        ("POST", [_, "versions"]) => "PublishLayerVersion",
        ("GET", [_, "versions"]) => "ListLayerVersions",
        ("GET", [_, "versions", _]) => "GetLayerVersion",
        ("DELETE", [_, "versions", _]) => "DeleteLayerVersion",
        ("GET", [_, "versions", _, "policy"]) => "GetLayerVersionPolicy",
        ("POST", [_, "versions", _, "policy"]) => "AddLayerVersionPermission",
        ("DELETE", [_, "versions", _, "policy", _]) => "RemoveLayerVersionPermission",
        _ => return None,
    })
}

fn code_signing(method: &Method, segments: &[&str]) -> Option<&'static str> {
    Some(match (method.as_str(), segments.get(2..)?) {
        ("POST", []) => "CreateCodeSigningConfig",
        ("GET", []) => "ListCodeSigningConfigs",
        ("GET", [_]) => "GetCodeSigningConfig",
        ("PUT", [_]) => "UpdateCodeSigningConfig",
        ("DELETE", [_]) => "DeleteCodeSigningConfig",
        ("GET", [_, "functions"]) => "ListFunctionsByCodeSigningConfig",
        _ => return None,
    })
}

fn of_function(method: &Method, rest: &[&str]) -> Option<&'static str> {
    Some(match (method.as_str(), rest) {
        ("POST", ["response-streaming-invocations"]) => "InvokeWithResponseStream",
        ("POST", ["url"]) => "CreateFunctionUrlConfig",
        ("GET", ["url"]) => "GetFunctionUrlConfig",
        ("PUT", ["url"]) => "UpdateFunctionUrlConfig",
        ("DELETE", ["url"]) => "DeleteFunctionUrlConfig",
        ("GET", ["urls"]) => "ListFunctionUrlConfigs",
        ("PUT", ["provisioned-concurrency"]) => "PutProvisionedConcurrencyConfig",
        ("GET", ["provisioned-concurrency"]) => "GetProvisionedConcurrencyConfig",
        ("DELETE", ["provisioned-concurrency"]) => "DeleteProvisionedConcurrencyConfig",
        ("PUT", ["runtime-management-config"]) => "PutRuntimeManagementConfig",
        ("GET", ["runtime-management-config"]) => "GetRuntimeManagementConfig",
        ("PUT", ["recursion-config"]) => "PutFunctionRecursionConfig",
        ("GET", ["recursion-config"]) => "GetFunctionRecursionConfig",
        ("PUT", ["code-signing-config"]) => "PutFunctionCodeSigningConfig",
        ("GET", ["code-signing-config"]) => "GetFunctionCodeSigningConfig",
        ("DELETE", ["code-signing-config"]) => "DeleteFunctionCodeSigningConfig",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use http::Request;

    use crate::testing::cloud;

    #[tokio::test]
    async fn what_is_not_there_is_refused_by_name() {
        for (method, path, name) in [
            ("POST", "/2018-10-31/layers/l/versions", "PublishLayerVersion"),
            ("GET", "/2018-10-31/layers", "ListLayers"),
            ("POST", "/2021-10-31/functions/f/url", "CreateFunctionUrlConfig"),
            ("PUT", "/2019-09-30/functions/f/provisioned-concurrency?Qualifier=1", "PutProvisionedConcurrencyConfig"),
            ("POST", "/2021-11-15/functions/f/response-streaming-invocations", "InvokeWithResponseStream"),
            ("GET", "/2020-04-22/code-signing-configs", "ListCodeSigningConfigs"),
        ] {
            let request = Request::builder().method(method).uri(format!("http://127.0.0.1{path}"));
            let response = cloud().handle(request.body(Default::default()).unwrap()).await;
            let body = String::from_utf8_lossy(response.body()).into_owned();
            assert_eq!(response.status(), 501, "{body}");
            assert!(body.contains(&format!("Lambda {name} is not supported by the local cloud")), "{body}");
        }
    }
}
