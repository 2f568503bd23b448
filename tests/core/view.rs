//! What the page shows, worked out natively from a running lab: the same truth as kubectl, and nothing jumps.

use kube_service_lab::cluster::Settings;
use kube_service_lab::draw::svg;
use kube_service_lab::lab::{Lab, Witness};
use kube_service_lab::time::SECOND;
use kube_service_lab::view::{
    Behind, Fate, Lanes, Layout, Motion, Phase, PodState, Shape, Shot, Still, View, Watcher, boxes, cells, state_json, sync,
    words,
};
use std::rc::Rc;

fn first() -> (Lab, Watcher, View) {
    let lab = Lab::start("first", 1);
    let mut watcher = Watcher::default();
    let view = watcher.view(&lab, 1.0);
    (lab, watcher, view)
}

fn pass(lab: &mut Lab, watcher: &mut Watcher, seconds: u64) {
    let until = lab.now() + seconds * SECOND;
    while lab.now() < until {
        lab.advance((lab.now() + SECOND / 10).min(until), u64::MAX);
        watcher.observe(lab);
    }
}

#[test]
fn the_first_look_shows_three_nodes_a_service_four_clients_and_ready_pods() {
    let (_, _, view) = first();
    let scene = &view.scene;
    assert_eq!(scene.nodes.iter().map(|n| &*n.name).collect::<Vec<_>>(), ["node-1", "node-2", "node-3"]);
    assert!(scene.nodes.iter().all(|n| n.up && n.ready && n.ports == [30080]));
    assert_eq!(scene.clients.iter().map(|c| &*c.name).collect::<Vec<_>>(), ["browser", "curl-1", "laptop", "stubborn"]);
    assert_eq!((scene.bars.len(), scene.pods.len(), scene.waiting.len()), (1, 3, 0));
    let bar = &scene.bars[0];
    assert_eq!((bar.address.as_str(), bar.ports.as_str()), ("10.96.12.34", "80"));
    for slice in &bar.slices {
        assert_eq!((slice.dots.len(), slice.behind), (3, Behind::InSync));
        assert!(slice.dots.iter().all(|d| d.revision == Some(0) && !d.leaving));
    }
    assert!(view.spoken.starts_with("3 of 3 Pods of web ready"), "{}", view.spoken);
}

#[test]
fn a_second_service_leaves_the_first_its_lane_and_a_pod_of_nobodys_has_its_whole_name() {
    let (mut lab, mut watcher, view) = first();
    let lane = view.timeline.service.clone().expect("a Service");
    lab.kubectl("kubectl create service clusterip before-web --tcp=80");
    lab.kubectl("kubectl run mine-1 --image=nginx:1.28");
    pass(&mut lab, &mut watcher, 5);
    let after = watcher.view(&lab, 1.0);
    assert_eq!(after.scene.bars.len(), 2);
    assert_eq!(after.timeline.service.as_ref().map(|(ip, _)| ip), Some(&lane.0));
    let shorts = |name: &str| after.scene.pods.iter().find(|c| c.name.starts_with(name)).map(|c| c.short.clone());
    assert_eq!(shorts("mine-1").as_deref(), Some("mine-1"));
    assert!(shorts("web-").is_some_and(|short| !short.contains('-')));
    let alone = after.scene.pods.iter().find(|c| c.name.starts_with("web-")).expect("a Pod").name.clone();
    lab.kubectl(&format!("kubectl label pod {alone} app-"));
    pass(&mut lab, &mut watcher, 5);
    let later = watcher.view(&lab, 1.0);
    let card = later.scene.pods.iter().find(|c| c.name == alone).expect("it lives on");
    assert_eq!((card.short.contains('-'), card.label.as_str()), (false, ""), "nobody's, but named by a controller");
}

#[test]
fn a_killed_pod_leaves_its_lane_and_the_others_keep_their_places() {
    let (mut lab, mut watcher, view) = first();
    let victim = view.scene.pods[0].clone();
    let places: Vec<_> = view.scene.pods[1..].iter().map(|c| (c.uid.clone(), c.node.clone(), c.slot)).collect();
    lab.kubectl(&format!("kubectl delete pod {}", victim.name));
    pass(&mut lab, &mut watcher, 1);
    let during = watcher.view(&lab, 1.0);
    let leaving = during.scene.pods.iter().find(|c| c.uid == victim.uid);
    assert!(leaving.is_none_or(|c| c.state == PodState::Terminating && c.word.starts_with("Terminating ")));
    pass(&mut lab, &mut watcher, 60);
    let after = watcher.view(&lab, 10.0);
    assert_eq!(after.scene.by_state().get(&PodState::Ready), Some(&3));
    for (uid, node, slot) in places {
        let card = after.scene.pods.iter().find(|c| c.uid == uid).expect("it was not touched");
        assert_eq!((&card.node, card.slot), (&node, slot));
    }
    let lane = after.timeline.lane(&victim.uid).expect("remembered");
    assert_eq!(lane.phases.last().map(|p| p.1), Some(Phase::Gone));
    assert!(lane.phases.windows(2).all(|w| w[0].0 <= w[1].0));
    assert!(after.last60.endpoint_changes >= 2);
    assert!(after.last60.pod.1 > 0, "the stubborn client fails");
    assert!(after.timeline.to_pod.iter().any(|s| s.failed));
}

#[test]
fn an_update_gives_the_new_revision_the_next_colour_and_going_back_the_first_one() {
    let (mut lab, mut watcher, _) = first();
    lab.kubectl("kubectl set image deployment/web web=nginx:1.28");
    pass(&mut lab, &mut watcher, 90);
    let colours = |view: &View| view.scene.pods.iter().map(|c| c.revision).collect::<Vec<_>>();
    assert_eq!(colours(&watcher.view(&lab, 1.0)), [Some(1); 3]);
    lab.kubectl("kubectl rollout undo deployment/web");
    pass(&mut lab, &mut watcher, 90);
    let back = watcher.view(&lab, 1.0);
    assert_eq!(colours(&back), [Some(0); 3]);
    assert!(back.scene.bars[0].slices.iter().all(|s| s.dots.iter().all(|d| d.revision == Some(0))));
}

#[test]
fn requests_fly_to_where_they_went_and_end_as_they_ended() {
    let (mut lab, mut watcher, view) = first();
    let scene = &view.scene;
    let layout = Layout::new(820.0, 540.0, scene.counts());
    let mut motion = Motion::default();
    motion.clear(&lab);
    let mut fates = vec![];
    for frame in 0..600 {
        if frame == 60 {
            let victim = scene.pods.iter().find(|c| scene.clients[3].detail.ends_with(&c.ip)).expect("it holds one");
            lab.kubectl(&format!("kubectl delete pod {}", victim.name));
        }
        lab.advance(lab.now() + SECOND / 60, u64::MAX);
        watcher.observe(&lab);
        motion.observe(&lab, scene, &layout, &watcher);
        motion.advance(1000.0 / 60.0);
        for mark in motion.marks() {
            assert!((0.0..=820.0).contains(&mark.at.x) && (0.0..=540.0).contains(&mark.at.y), "{mark:?}");
            fates.push((mark.stubborn, mark.fate));
        }
    }
    assert!(fates.contains(&(false, Fate::Answered)));
    assert!(fates.iter().any(|(stubborn, fate)| *stubborn && matches!(fate, Fate::Late | Fate::Failed)));
}

#[test]
fn the_state_for_scripts_adds_up() {
    let (mut lab, mut watcher, _) = first();
    pass(&mut lab, &mut watcher, 10);
    let state = state_json(&lab, 7, true, 1.0);
    let clients = state["clients"].as_object().expect("an object");
    let sum: u64 = clients.values().filter_map(|c| c["answered"].as_u64()).sum();
    assert_eq!(state["answered"], sum);
    assert_eq!(state["pods"]["ready"], 3);
    assert_eq!(state["endpoints"]["web"].as_array().map(Vec::len), Some(3));
    assert_eq!((state["frames"].as_u64(), state["seconds"].as_f64()), (Some(7), Some(10.0)));
}

/// Fourteen nodes in two zones, forty Pods: more than rows can show.
fn many() -> (Lab, Watcher, View) {
    let mut lab = Lab::with_settings(Settings::with_nodes(14), 1);
    lab.kubectl("kubectl create deployment web --image=nginx:1.27 --replicas=40");
    lab.kubectl("kubectl expose deployment web --port=80");
    let mut watcher = Watcher::default();
    pass(&mut lab, &mut watcher, 30);
    let view = watcher.view(&lab, 1.0);
    (lab, watcher, view)
}

#[test]
fn many_nodes_are_boxes_and_many_pods_are_cells_and_the_numbers_add_up() {
    let (mut lab, mut watcher, view) = many();
    let scene = &view.scene;
    let layout = Layout::new(1000.0, 600.0, scene.counts());
    assert!(layout.is_grid() && layout.is_cells() && layout.group() == 1);
    assert_eq!(scene.counts().zones.iter().sum::<usize>(), 14);
    assert!(scene.nodes.windows(2).all(|n| n[0].zone <= n[1].zone));
    let boxes = boxes(scene, &layout);
    assert_eq!((boxes.len(), boxes.iter().map(|b| b.pods.1).sum::<usize>()), (14, 40));
    assert_eq!(sync(scene, 0).in_sync, 14);
    assert_eq!((scene.bars[0].listed.ready, scene.bars[0].listed.slices), (40, 1));
    let drawn = cells(scene, &layout, |_| false);
    assert_eq!(drawn.len(), 40);
    assert!(drawn.iter().all(|c| c.shape == Shape::Full && c.revision == Some(0)));
    for (i, a) in drawn.iter().enumerate() {
        assert!(drawn[i + 1..].iter().all(|b| !a.place.meets(&b.place)), "{a:?}");
    }

    lab.kubectl("kubectl set image deployment/web nginx=nginx:1.28");
    pass(&mut lab, &mut watcher, 1);
    let scene = watcher.view(&lab, 1.0).scene;
    let drawn = cells(&scene, &layout, |_| false);
    assert!(drawn.iter().any(|c| c.shape == Shape::Outline && c.revision == Some(1)));

    // So narrow that nodes must share boxes: a cell is a node.
    let narrow = Layout::new(300.0, 200.0, scene.counts());
    assert!(narrow.group() > 1);
    assert_eq!(cells(&scene, &narrow, |_| false).len(), 14);
    let boxes = kube_service_lab::view::boxes(&scene, &narrow);
    assert_eq!(boxes.iter().map(|b| b.nodes).sum::<usize>(), 14);
}

#[test]
fn a_chart_of_many_pods_tells_of_revisions_and_its_columns_add_up() {
    let (mut lab, mut watcher, _) = many();
    lab.kubectl("kubectl scale deployment web --replicas=60");
    pass(&mut lab, &mut watcher, 20);
    let chart = watcher.view(&lab, 1.0).timeline;
    assert!(chart.crowded && chart.rows.is_empty());
    let last = chart.columns.last().expect("seconds have passed");
    assert_eq!((last.ready, last.revisions.iter().sum::<usize>()), (60, 60));
    assert!(chart.columns.windows(2).all(|c| c[0].to == c[1].from));
    assert!(chart.deeds.iter().any(|d| d.words.contains("scale")));
}

#[test]
fn an_address_that_is_given_again_stays_in_its_row() {
    let mut lanes = Lanes::default();
    let (_, watcher, _) = first();
    let mut pod = (*watcher.pods()[0]).clone();
    let ip = pod.status.pod_ip.clone();
    lanes.observe(&pod, SECOND, Some(0), 0);
    lanes.end(&pod.meta.uid.clone(), 2 * SECOND);
    pod.meta.uid = "another".into();
    lanes.observe(&pod, 3 * SECOND, Some(1), 0);
    let holders: Vec<_> = lanes.all().filter(|l| *l.ip == *ip).collect();
    assert_eq!(holders.len(), 2);
    assert_eq!((holders[0].free(), holders[1].born()), (Some(2 * SECOND), 3 * SECOND));
    assert_eq!(lanes.of(&ip).map(|l| l.revision), Some(Some(1)));
}

#[test]
fn a_step_says_what_is_new() {
    let (mut lab, mut watcher, view) = first();
    let counted = Still::count(&lab);
    let name = view.scene.pods[0].name.clone();
    lab.kubectl(&format!("kubectl delete pod {name} --wait=false"));
    pass(&mut lab, &mut watcher, 1);
    let after = watcher.view(&lab, 1.0);
    let still = Still::between(1, &view.scene, &after.scene, counted, &lab);
    assert!(still.news[0].contains("requests answered"), "{:?}", still.news);
    assert!(still.news.iter().any(|n| n.contains(&*name)), "{:?}", still.news);
    assert!(still.news.iter().any(|n| n.contains("is new")), "{:?}", still.news);
}

/// Whether every element that is opened is closed, in the right order.
fn is_well_formed(svg: &str) -> bool {
    let mut open = vec![];
    for tag in svg.split('<').skip(1) {
        let Some((tag, _)) = tag.split_once('>') else { return false };
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    open.is_empty()
}

#[test]
fn the_scene_as_svg_names_what_it_shows_with_one_node_and_with_many() {
    for (lab, _, view) in [first(), many()] {
        let layout = Layout::new(900.0, 560.0, view.scene.counts());
        let chart = Watcher::default().chart();
        let caption = format!("a < b & {}", words::summary(&view.scene, &chart, &[], lab.now()));
        let layout = Rc::new(layout);
        let frame = || Shot { scene: view.scene.clone(), layout: layout.clone(), marks: vec![], caption: caption.clone() };
        let film = svg(&[frame(), frame()], true);
        assert!(is_well_formed(&film) && film.contains("a &lt; b &amp; "), "{film}");
        assert_eq!(film.matches(">Service web</text>").count(), 2);
        for node in &view.scene.nodes {
            assert_eq!(film.matches(&format!(">{}</text>", node.name)).count(), 2, "{}", node.name);
        }
        if !layout.is_cells() {
            assert!(view.scene.pods.iter().all(|c| film.contains(&c.middle_cut())));
        }
        assert_eq!(svg(&[frame(), frame()], true), film);
    }
}

#[test]
fn the_summary_counts_since_the_last_deed_and_rounds_no_failure_away() {
    let (mut lab, mut watcher, _) = first();
    pass(&mut lab, &mut watcher, 5);
    let said = |lab: &Lab, watcher: &mut Watcher| {
        let view = watcher.view(lab, 1.0);
        words::summary(&view.scene, &watcher.chart(), &view.timeline.deeds, lab.now())
    };
    let text = said(&lab, &mut watcher);
    assert!(text.starts_with("3 of 3 Pods ready, ") && text.ends_with(", none failed since the start."), "{text}");
    lab.kubectl("kubectl delete pod -l app=web --wait=false");
    pass(&mut lab, &mut watcher, 5);
    let text = said(&lab, &mut watcher);
    assert!(text.contains(" % failed since the deletion at 0:05."), "{text}");
}
