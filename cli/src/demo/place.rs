//! Where the stories are told: in a local cloud of their own, or where the template is deployed.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use throughline_doubles::{Account, Marks, account_at};
use throughline_envelope::Ambient;

use super::judge::Check;
use super::stories::Story;
use crate::aws::Aws;
use crate::error::CliError;
use crate::local::Local;

/// What of the stack the stories find filled; the rows are in `events/seed`.
const SEEDED: [&str; 3] = ["stock", "orders", "order-views"];

/// The stack, and what is beside AWS.
pub(super) struct Place<'a> {
    pub(super) aws: Aws,
    /// Keeps the stories of this run apart from those of others.
    pub(super) marks: Marks,
    beside: Beside<'a>,
}

enum Beside<'a> {
    /// A cloud that can be asked whether anything is under way, and the payment gateway's double in this process.
    Local(&'a Local),
    /// The address of the payment gateway's double.
    Payments(String),
}

impl<'a> Place<'a> {
    /// A local cloud that nobody else uses.
    pub(super) async fn local(local: &'a Local, stack: &str) -> Self {
        let aws = Aws::at(local.endpoint(), stack).await;
        Self { aws, marks: Marks::none(), beside: Beside::Local(local) }
    }

    /// A deployment behind an endpoint: fills its tables for the stories of this run, and finds the payment gateway that its
    /// functions call.
    pub(super) async fn deployed(endpoint: &str, stack: &str) -> Result<Self, CliError> {
        let aws = Aws::at(endpoint, stack).await;
        let payments = payments(&aws).await?;
        let marks = Marks::new(Ambient::system().random_u64());
        seed(&aws, &marks).await?;
        Ok(Self { aws, marks, beside: Beside::Payments(payments) })
    }

    /// Waits until nothing is under way, or until `limit`; a deployment is not known to be at rest.
    pub(super) async fn settle(&self, limit: Duration) -> Option<Check> {
        let Beside::Local(local) = &self.beside else { return None };
        let pending = local.cloud.settle(limit).await.err()?;
        let found = format!("{pending} after {} s", limit.as_secs());
        Some(Check::new("everything came to rest", "yes", found))
    }

    pub(super) fn is_deployed(&self) -> bool {
        matches!(self.beside, Beside::Payments(_))
    }

    /// What the payment gateway knows of an order.
    pub(super) async fn account_of(&self, order: &str) -> Result<Account, CliError> {
        match &self.beside {
            Beside::Local(local) => Ok(local.payments.account_of(order)),
            Beside::Payments(url) => account_at(url, order).await.map_err(|error| no_double(error.to_string())),
        }
    }

    /// A story's sample, as it is sent here.
    pub(super) fn sample(&self, story: &Story) -> Result<String, CliError> {
        read(Path::new(story.sample)).map(|text| self.marks.text(&text))
    }
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|error| {
        let message = format!("failed to read {}: {error}", path.display());
        CliError::environment("sample_unreadable", message, "Run it in the project's folder.")
    })
}

fn no_double(what: String) -> CliError {
    let help =
        "The stories need the double that `cargo run -p throughline-doubles` starts; a real gateway has no such books.";
    CliError::environment("no_payment_gateway", what, help)
}

/// The payment gateway's address, as the function that charges was deployed with it.
async fn payments(aws: &Aws) -> Result<String, CliError> {
    let function = aws.name("charge-payment");
    let asked = aws.lambda().get_function_configuration().function_name(&function).send().await;
    let configuration =
        asked.map_err(|error| CliError::aws(&format!("failed to find the function {function}"), &error))?;
    let variables = configuration.environment.and_then(|environment| environment.variables).unwrap_or_default();
    let url = variables.get("PAYMENT_GATEWAY_URL").cloned();
    url.ok_or_else(|| no_double(format!("{function} has no PAYMENT_GATEWAY_URL")))
}

async fn seed(aws: &Aws, marks: &Marks) -> Result<(), CliError> {
    for table in SEEDED {
        let text = read(&Path::new("events/seed").join(format!("{table}.json")))?;
        let rows: Vec<Value> = serde_json::from_str(&marks.text(&text)).unwrap_or_default();
        for row in rows.iter().filter_map(Value::as_object) {
            let put = aws.dynamodb().put_item().table_name(aws.name(table));
            let put = put.set_item(Some(throughline_effects::item(row))).send().await;
            put.map_err(|error| CliError::aws(&format!("failed to fill {table}"), &error))?;
        }
    }
    Ok(())
}
