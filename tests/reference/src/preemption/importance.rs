//! Which of two pods is the more important one: the one of higher priority, or else the one that started before the other.

use bayplan::objects::Pod;

use crate::cluster::priority;
use crate::cycle::Cycle;
use crate::version::Version;

/// Puts the more important pods first. A pod is moved ahead of the ones before it as long as it counts as more important:
/// the scheduler's sorting does the same with up to twelve pods. With more it leaves equal ones in an order of its own,
/// which is not followed here.
pub(crate) fn sort(cycle: &Cycle<'_>, pods: &mut [&Pod]) {
    for next in 1..pods.len() {
        let mut at = next;
        while at > 0 && is_more_important(cycle, pods[at], pods[at - 1]) {
            pods.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// A pod that has no start time counts as started now. Up to 1.36 the clock is read for every comparison, so that of two
/// such pods the one that is asked about is the earlier one; from 1.37 on it is read once for each pod, in the order in
/// which they came to the node.
fn is_more_important(cycle: &Cycle<'_>, pod: &Pod, other: &Pod) -> bool {
    if priority(pod) != priority(other) {
        return priority(pod) > priority(other);
    }
    match (start(pod), start(other)) {
        (Some(start), Some(other)) => start < other,
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (None, None) => cycle.version < Version::V1_37 || cycle.cluster.place(pod) < cycle.cluster.place(other),
    }
}

/// When the pod started, in seconds since 1970; `None` where it hasn't said so yet.
pub(crate) fn start(pod: &Pod) -> Option<i64> {
    let text = pod.status.start_time.as_deref()?;
    text.parse().ok().or_else(|| seconds(text))
}

/// `2023-11-14T22:13:20Z`, with or without a fraction, in any zone.
fn seconds(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't'])?;
    let numbers = |text: &str, by: char| text.split(by).map(str::parse).collect::<Result<Vec<i64>, _>>().ok();
    let [year, month, day] = numbers(date, '-')?[..] else { return None };
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone);
    let [hour, minute, second] = numbers(clock.split('.').next()?, ':')?[..] else { return None };
    let east = match numbers(zone.trim_start_matches(['Z', 'z', '+', '-']), ':').as_deref() {
        Some([hours, minutes]) if zone.starts_with('-') => -(hours * 3600 + minutes * 60),
        Some([hours, minutes]) => hours * 3600 + minutes * 60,
        _ => 0,
    };
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if is_leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years: i64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let days = years + months.iter().take(usize::try_from(month - 1).ok()?).sum::<i64>() + day - 1;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second - east)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn times_are_read() {
        assert_eq!(seconds("1970-01-02T00:00:01Z"), Some(86_401));
        assert_eq!(seconds("2023-11-14T22:13:20Z"), Some(1_700_000_000));
        assert_eq!(seconds("2023-11-15T00:13:20.75+02:00"), Some(1_700_000_000));
        assert_eq!(seconds("2024-03-01T00:00:00Z"), Some(1_700_000_000 + 9_251_200));
        assert_eq!(seconds("soon"), None);
    }
}
