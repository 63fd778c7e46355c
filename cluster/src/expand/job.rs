//! Job, as many pods as run at the same time, and CronJob, one run of it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Allowance, Expanded, Maker, numbered, owner, uid};
use crate::admit::Context;
use crate::api::view;
use crate::error::Error;
use crate::objects::{CronJob, Job, JobSpec, JobStatus, Pod, PodTemplate, Provenance};

const INDEX: &str = "batch.kubernetes.io/job-completion-index";

pub(super) fn job(job: &Job, context: &Context<'_>, allowance: &mut Allowance<'_>) -> Result<Expanded, Error> {
    let mut expanded = Expanded::default();
    if job.spec.suspend == Some(true) {
        expanded
            .warnings
            .push(format!("Job {}/{} is suspended, so it makes no pods", job.metadata.namespace, job.metadata.name));
        return Ok(expanded);
    }
    let indexed = job.spec.completion_mode.as_deref() == Some("Indexed");
    if indexed && job.spec.completions.is_none() {
        return Err(Error::input("it is missing").at("spec.completions").hint("an Indexed job must have it"));
    }
    let (meta, spec) = (&job.metadata, &job.spec);
    let template = template_of(job);
    let mut maker = Maker::new(owner("batch/v1", "Job", meta), meta, &template, context);
    if indexed {
        maker.set(tell_index);
    }
    let count = active(spec, &job.status);
    allowance.ask(count, "spec.parallelism")?;
    if !indexed {
        expanded.pods = maker.numbered(&meta.name, count, allowance)?;
        return Ok(expanded);
    }
    for index in 0..count {
        allowance.go_on()?;
        expanded.pods.push(one_index(&maker, index)?);
    }
    Ok(expanded)
}

/// A Job's template with the labels that name the Job.
fn template_of(job: &Job) -> PodTemplate {
    let (name, uid) = (job.metadata.name.clone(), uid("Job", &job.metadata));
    let own = [
        ("batch.kubernetes.io/controller-uid", uid.clone()),
        ("batch.kubernetes.io/job-name", name.clone()),
        ("controller-uid", uid),
        ("job-name", name),
    ];
    let mut template = job.spec.template.clone();
    template.metadata.labels.extend(own.map(|(key, value)| (key.to_owned(), value)));
    template
}

fn one_index(maker: &Maker<'_>, index: usize) -> Result<Pod, Error> {
    let base = format!("{}-{index}", maker.owner.name);
    maker.pod(numbered(&base, 1), |pod| {
        pod.metadata.generate_name = format!("{base}-");
        pod.metadata.labels.insert(INDEX.to_owned(), index.to_string());
        pod.metadata.annotations.insert(INDEX.to_owned(), index.to_string());
    })
}

/// Containers are told the index.
fn tell_index(spec: &mut Map<String, Value>) {
    const VARIABLE: &str = "JOB_COMPLETION_INDEX";
    for list in ["initContainers", "containers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let Value::Object(container) = container else { continue };
            let mut env = container.get("env").and_then(Value::as_array).cloned().unwrap_or_default();
            if env.iter().any(|variable| variable["name"] == VARIABLE) {
                continue;
            }
            let path = format!("metadata.labels['{INDEX}']");
            env.push(json!({"name": VARIABLE, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}}));
            container.insert("env".to_owned(), env.into());
        }
    }
}

/// The pod of an index of an Indexed Job.
///
/// # Errors
/// Where the API server would refuse it.
pub(crate) fn indexed_pod(job: &Job, index: usize, context: &Context<'_>) -> Result<Pod, Error> {
    let template = template_of(job);
    let mut maker = Maker::new(owner("batch/v1", "Job", &job.metadata), &job.metadata, &template, context);
    maker.set(tell_index);
    one_index(&maker, index)
}

pub(super) fn cron_job(
    cron: &CronJob,
    context: &Context<'_>,
    allowance: &mut Allowance<'_>,
) -> Result<Expanded, Error> {
    let meta = &cron.metadata;
    if cron.spec.suspend == Some(true) {
        let warning = format!("CronJob {}/{} is suspended, so it makes no pods", meta.namespace, meta.name);
        return Ok(Expanded { warnings: vec![warning], ..Expanded::default() });
    }
    job(&run_of(cron), context, allowance).map_err(|e| e.under("spec.jobTemplate"))
}

/// The Job of one run.
pub(crate) fn run_of(cron: &CronJob) -> Job {
    let (meta, template) = (&cron.metadata, &cron.spec.job_template);
    let mut run = Job { metadata: template.metadata.clone(), spec: template.spec.clone(), ..Job::default() };
    run.metadata.name = numbered(&meta.name, 1);
    run.metadata.namespace.clone_from(&meta.namespace);
    run.metadata.owner_references = vec![owner("batch/v1", "CronJob", meta)].into();
    // All fields of the template, those too that nobody here reads.
    run.metadata.provenance = match &meta.provenance {
        Provenance::Admitted(Some(whole)) => {
            let spec = view::at(whole, &["spec", "jobTemplate", "spec"]);
            let whole = json!({ "apiVersion": "batch/v1", "kind": "Job", "spec": spec });
            Provenance::Admitted(Some(Arc::new(whole.into())))
        }
        other => other.clone(),
    };
    run
}

/// How many pods run at the same time: `parallelism`, but no more than there are completions to go.
pub(super) fn active(spec: &JobSpec, status: &JobStatus) -> usize {
    if spec.suspend == Some(true) || has_ended(status) {
        return 0;
    }
    let parallelism = spec.parallelism.unwrap_or(1);
    let completions = match (spec.completions, spec.parallelism) {
        (Some(completions), _) => Some(completions),
        // Without either it runs once; with parallelism alone the pods decide among themselves when they are done.
        (None, None) => Some(1),
        (None, Some(_)) => None,
    };
    let wanted = match completions {
        Some(completions) => parallelism.min(completions.saturating_sub(status.succeeded)),
        None if status.succeeded > 0 => parallelism.min(status.active),
        None => parallelism,
    };
    usize::try_from(wanted).unwrap_or(0)
}

/// Has the controller written the Job off, as done or as failed?
pub(crate) fn has_ended(status: &JobStatus) -> bool {
    let mut conditions = status.conditions.iter();
    conditions.any(|condition| matches!(condition.kind.as_str(), "Complete" | "Failed") && condition.status == "True")
}
