use super::*;

fn plan(faults: Faults) -> Plan {
    let plan = Plan::new(7, faults, Clock::starting_at(Timestamp::UNIX_EPOCH));
    plan.set_on(true);
    plan
}

/// What strikes at a hundred workflows' calls of a function, three each.
fn strike(plan: &Plan) -> Vec<String> {
    for workflow in 0..100 {
        for _ in 0..3 {
            let site = plan.site("charge-payment", "PutItem", Some(WorkflowId(workflow)));
            for fault in [Fault::CrashAfter, Fault::Throttle] {
                plan.strikes(fault, &site);
            }
        }
    }
    plan.struck().into_iter().map(|struck| struck.id).collect()
}

fn often() -> Faults {
    Faults::of(&[Fault::CrashAfter, Fault::Throttle]).rate(Fault::CrashAfter, 0.1).rate(Fault::Throttle, 0.1)
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_is_taken_away_leaves_the_others_where_they_were() {
    let all = strike(&plan(often()));
    assert!(all.len() > 20, "{all:?}");
    let mut rest = all.clone();
    rest.remove(3);
    assert_eq!(strike(&plan(often().only(rest.clone()))), rest);
    let throttles: Vec<_> = all.iter().filter(|id| id.starts_with("throttle/")).cloned().collect();
    assert_eq!(strike(&plan(often().rate(Fault::CrashAfter, 0.0))), throttles);
}

#[tokio::test(start_paused = true)]
async fn a_fault_has_an_id_that_says_where_it_strikes() {
    let all = strike(&plan(Faults::of(&[]).rate(Fault::CrashAfter, 1.0)));
    assert_eq!(all[1], "crash-after/charge-payment/PutItem/wf000000/1");
}

#[tokio::test(start_paused = true)]
async fn faults_that_are_off_do_not_strike() {
    let plan = plan(often());
    plan.set_on(false);
    assert!(strike(&plan).is_empty());
}

#[test]
fn faults_are_named() {
    let faults: Faults = "crash-after, throttle".parse().unwrap();
    assert_eq!(faults, Faults::of(&[Fault::CrashAfter, Fault::Throttle]));
    let error = "crash-after,rain".parse::<Faults>().unwrap_err();
    assert!(error.to_string().starts_with("there is no fault `rain`; there are duplicate, reorder"), "{error}");
}

#[test]
fn a_seed_has_a_mixture_of_its_own() {
    let mixture = |seed| Fault::ALL.iter().map(|fault| Faults::all().rate_under(seed, *fault)).collect::<Vec<_>>();
    assert_ne!(mixture(1), mixture(2));
    assert!(mixture(1).contains(&0.0));
}
