//! Clients: arrivals, closed loops, second attempts and their budget, hedging, and many requests on one connection.

use kube_service_lab::api::Key;
use kube_service_lab::lab::{Command, Lab};
use kube_service_lab::time::{MILLISECOND, Nanos, SECOND};
use kube_service_lab::traffic::{ClientChange, ClientSetting, Habits, Pattern, Retries, Source, Stats, Url};

/// The first preset with one client more, after so long.
fn run(pattern: Pattern, keep_alive: bool, habits: Habits, env: &str, span: Nanos) -> Stats {
    let mut lab = Lab::start("first", 5);
    if !env.is_empty() {
        lab.kubectl(&format!("kubectl set env deployment/web {env}"));
        lab.advance(15 * SECOND, u64::MAX);
    }
    lab.apply(Command::AddClient(ClientSetting {
        name: "tried".into(),
        source: Source::Pod(Key::new("default", "curl-1")),
        url: Url::parse("http://web/").expect("a URL"),
        pattern,
        total: None,
        keep_alive,
        timeout: 2 * SECOND,
        holds_name: 0,
        stubborn: false,
        habits,
    }));
    lab.advance(lab.now() + span, u64::MAX);
    lab.traffic().client("tried").expect("it is there").stats.clone()
}

fn retries(most: u32) -> Habits {
    Habits { retries: Retries { most, ..Retries::default() }, ..Habits::default() }
}

#[test]
fn arrivals_come_as_told() {
    let plain = Habits::default;
    let sent = |pattern| run(pattern, false, plain(), "", 20 * SECOND).sent;
    assert_eq!(sent(Pattern::Every(SECOND / 10)), 201);
    assert_eq!(sent(Pattern::Bursts { size: 7, every: 5 * SECOND }), 35);
    let poisson = sent(Pattern::Poisson(SECOND / 10));
    assert!((160..240).contains(&poisson), "{poisson} in 20 s at 10 a second");
    // Three workers that think for 97 ms over answers of about 3 ms.
    let closed = sent(Pattern::Loop { workers: 3, think: 97 * MILLISECOND });
    assert!((500..620).contains(&closed), "{closed} of three workers");
}

#[test]
fn second_attempts_hide_errors_as_far_as_the_budget_goes() {
    let pattern = Pattern::Every(SECOND / 20);
    let plain = run(pattern, false, Habits::default(), "APP_ERROR_RATE=0.3", 20 * SECOND);
    assert!(plain.errors > 60 && plain.retries == 0 && plain.attempts == plain.sent);
    let tried = run(pattern, false, retries(3), "APP_ERROR_RATE=0.3", 20 * SECOND);
    assert!(tried.errors * 5 < plain.errors, "{} of {} instead of {}", tried.errors, tried.sent, plain.errors);
    assert_eq!(tried.attempts, tried.sent + tried.retries);
    let mut poor = retries(3);
    (poor.retries.budget_percent, poor.retries.budget_per_second) = (5, 0);
    let poor = run(pattern, false, poor, "APP_ERROR_RATE=0.3", 20 * SECOND);
    assert!(poor.retries <= poor.sent / 20 && poor.denied > 0, "{} again of {}", poor.retries, poor.sent);
}

#[test]
fn a_shared_connection_goes_to_one_pod() {
    let pattern = Pattern::Every(SECOND / 50);
    let split = run(pattern, false, Habits::default(), "", 10 * SECOND);
    assert!(split.by_pod.len() >= 2, "{:?}", split.by_pod);
    let shared = run(pattern, true, Habits { streams: 100, ..Habits::default() }, "APP_LATENCY=200ms", 10 * SECOND);
    assert_eq!(shared.by_pod.len(), 1, "balancing is per connection: {:?}", shared.by_pod);
    assert!(shared.answered > 450, "ten are under way at any time: {}", shared.answered);
    // HTTP/1.1 has one request at a time on its connection.
    let alone = run(pattern, true, Habits::default(), "APP_LATENCY=200ms", 10 * SECOND);
    assert!(alone.answered < 60, "{}", alone.answered);
}

#[test]
fn hedging_goes_beside_slow_attempts_only() {
    let habits = |after| Habits { hedge_after: Some(after), ..Habits::default() };
    let none = run(Pattern::Every(SECOND / 10), false, habits(SECOND), "", 10 * SECOND);
    assert_eq!((none.hedges, none.attempts), (0, none.sent));
    let all = run(Pattern::Every(SECOND / 10), false, habits(20 * MILLISECOND), "APP_LATENCY=100ms", 10 * SECOND);
    assert!(all.hedges + 3 >= all.sent && all.attempts == all.sent + all.hedges && all.answered + 3 >= all.sent, "{all:?}");
}

#[test]
fn settings_change_while_a_client_works() {
    let mut lab = Lab::start("first", 5);
    let change = |lab: &mut Lab, change| lab.apply(Command::ChangeClient { client: "curl-1".into(), change });
    change(&mut lab, ClientChange::Pattern(Pattern::Loop { workers: 2, think: SECOND }));
    change(&mut lab, ClientChange::Url(Url::parse("http://nobody/").expect("a URL")));
    lab.advance(lab.now() + 10 * SECOND, u64::MAX);
    let client = lab.traffic().client("curl-1").expect("it is there");
    assert!((18..=24).contains(&client.stats.sent), "{} of two workers in 10 s", client.stats.sent);
    assert_eq!(client.stats.bad(), client.stats.failed.values().sum::<u64>());
    assert!(client.stats.bad() >= 16);
}
