//! GeoReport v2: a resident app reports and follows, in both formats.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;

use super::{Answer, Bench, TOKEN, bench, request, rubbish, step};

const CODE: &str = "local-event-06010";

/// As resident apps send: without a header of ours, the key in the form.
async fn post(bench: &Bench, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
    let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(format!("/open311/v2/{path}"))
        .header(header::HOST, "127.0.0.1:8650")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    bench.send(request.body(Body::from(body)).expect("a request")).await
}

async fn get(bench: &Bench, path: &str) -> Answer {
    bench.get(&format!("/open311/v2/{path}")).await
}

fn report() -> Vec<(&'static str, &'static str)> {
    vec![
        ("api_key", TOKEN),
        ("service_code", CODE),
        ("lat", "28.9655"),
        ("long", "118.8735"),
        ("description", "垃圾桶满了 <b>&\u{0}，电话13812345678"),
        ("first_name", "某某"),
        ("phone", "13812345678"),
        ("email", "somebody@example.org"),
        ("media_url", "https://photos.example.org/1.jpg"),
        ("attribute[FOUND_AT]", "2026-09-15T09:30:00+08:00"),
    ]
}

#[track_caller]
fn refused(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status.as_u16(), status, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let errors = answer.json();
    assert_eq!((errors.as_array().map(Vec::len), &errors[0]["code"]), (Some(1), &json!(status)));
    errors[0]["description"].as_str().expect("a description").to_owned()
}

#[tokio::test]
async fn services_are_the_class_table() {
    let bench = bench().await;
    let answer = get(&bench, "services.json").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(
        answer.json(),
        json!([{
            "service_code": CODE, "service_name": "暴露垃圾", "description": "暴露垃圾", "metadata": true,
            "type": "realtime", "keywords": "市容环境", "group": "市容环境",
        }])
    );
    let answer = get(&bench, "services.xml").await.expect(200);
    assert_eq!(answer.header("content-type"), "text/xml; charset=utf-8");
    let xml = String::from_utf8(answer.body).expect("UTF-8");
    assert!(
        xml.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?><services><service><service_code>"),
        "{xml}"
    );
    let definition = get(&bench, &format!("services/{CODE}.json?jurisdiction_id=")).await.expect(200).json();
    assert_eq!(
        (&definition["service_code"], &definition["attributes"][0]["code"]),
        (&json!(CODE), &json!("FOUND_AT"))
    );
    assert!(refused(&get(&bench, "services/06010.json").await, 404).contains("service_code"));
    let discovery = get(&bench, "discovery.json").await.expect(200).json();
    assert_eq!(discovery["endpoints"][0]["url"], "http://127.0.0.1:8650/open311/v2");
}

#[tokio::test]
async fn a_report_is_followed_to_its_end() {
    let bench = bench().await;
    let answer = post(&bench, "requests.json", &report(), &[]).await.expect(201).json();
    let id = answer[0]["service_request_id"].as_str().expect("an id").to_owned();

    let read = get(&bench, &format!("requests/{id}.json")).await.expect(200).json();
    assert_eq!(read.as_array().map(Vec::len), Some(1));
    let request = &read[0];
    let names: Vec<&str> = request.as_object().expect("an object").keys().map(String::as_str).collect();
    let mut expected = [
        "service_request_id",
        "status",
        "status_notes",
        "service_name",
        "service_code",
        "description",
        "agency_responsible",
        "service_notice",
        "requested_datetime",
        "updated_datetime",
        "expected_datetime",
        "address",
        "address_id",
        "zipcode",
        "lat",
        "long",
        "media_url",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(request["description"], "垃圾桶满了 <b>&，电话***********");
    assert_eq!((&request["lat"], &request["long"]), (&json!(28.9655), &json!(118.8735)));
    assert_eq!((&request["status"], &request["status_notes"]), (&json!("open"), &json!("reported")));
    assert_eq!(request["agency_responsible"], "环卫所");
    assert_eq!(request["media_url"], "https://photos.example.org/1.jpg");
    // Half an hour before ten; two and a half hours of work before noon, one and a half after.
    assert_eq!(request["requested_datetime"], "2026-09-15T01:30:00Z");
    assert_eq!(request["expected_datetime"], "2026-09-15T07:00:00Z");

    let xml =
        String::from_utf8(get(&bench, &format!("requests/{id}.xml")).await.expect(200).body).expect("UTF-8");
    assert!(xml.contains("<service_requests><request><service_request_id>"), "{xml}");
    assert!(xml.contains("垃圾桶满了 &lt;b&gt;&amp;，电话***********</description>"), "{xml}");
    assert!(xml.contains("<zipcode></zipcode><lat>28.9655</lat>"), "{xml}");

    let token = get(&bench, &format!("tokens/{id}.json")).await.expect(200).json();
    assert_eq!(token, json!([{ "service_request_id": id, "token": id }]));

    let void = bench.step(&id, 1, &step("make_void")).await.expect(200).json();
    let read = get(&bench, &format!("requests/{id}.json")).await.expect(200).json();
    assert_eq!((&read[0]["status"], &read[0]["status_notes"]), (&json!("closed"), &json!("void")));
    // What the one who reported is called stands nowhere, the events included.
    let events = bench.get(&format!("/api/v1/issues/{id}/events")).await.expect(200).json();
    // Whom to call back is kept apart, with the words as they were said.
    let contact = bench.get(&format!("/api/v1/issues/{id}/contact")).await.expect(200).json();
    assert_eq!((&contact["name"], &contact["phone"]), (&json!("某某"), &json!("13812345678")));
    assert_eq!(contact["email"], "somebody@example.org");
    assert!(contact["words"].as_str().is_some_and(|words| words.contains("13812345678")), "{contact}");
    for kept in [void.to_string(), events.to_string()] {
        for personal in ["某某", "13812345678", "somebody@example.org"] {
            assert!(!kept.contains(personal), "{kept}");
        }
    }
    assert_eq!(events["events"][0]["report"]["source"], "resident_app");
}

#[tokio::test]
async fn what_is_wrong_is_said_as_the_standard_has_it() {
    let bench = bench().await;
    let without = |name: &str| report().into_iter().filter(|(field, _)| *field != name).collect::<Vec<_>>();
    let with = |name: &'static str, value: &'static str| {
        let mut fields = without(name);
        fields.push((name, value));
        fields
    };
    let post = async |fields: Vec<(&str, &str)>| post(&bench, "requests.json", &fields, &[]).await;
    assert_eq!(refused(&post(without("api_key")).await, 400), "api_key was not provided");
    assert_eq!(refused(&post(with("api_key", "")).await, 400), "api_key was not provided");
    refused(&post(with("api_key", "a-token-for-testz")).await, 403);
    assert!(refused(&post(without("service_code")).await, 400).contains("service_code was not provided"));
    assert!(refused(&post(with("service_code", "999")).await, 404).contains("service_code"));
    assert!(refused(&post(without("lat")).await, 400).contains("together"));
    refused(&post(with("lat", "91")).await, 400);
    refused(&post(with("lat", "NaN")).await, 400);
    refused(&post(with("media_url", "javascript:alert(1)")).await, 400);
    refused(&post(with("attribute[FOUND_AT]", "yesterday")).await, 400);
    refused(&post(with("attribute[FOUND_AT]", "2036-09-15T09:30:00+08:00")).await, 422);
    let nowhere = vec![("api_key", TOKEN), ("service_code", CODE), ("description", "x")];
    assert!(refused(&post(nowhere).await, 400).contains("address_string"));
    let long = "字".repeat(5_000);
    refused(
        &post(vec![
            ("api_key", TOKEN),
            ("service_code", CODE),
            ("address_string", "x"),
            ("description", &long),
        ])
        .await,
        422,
    );

    let json = request(Method::POST, "/open311/v2/requests.json", &[], Some("{}".to_owned()));
    refused(&bench.send(json).await, 415);
    refused(&get(&bench, "requests/none.json").await, 404);
    refused(&get(&bench, "nothing.json").await, 404);
    refused(&bench.send(request(Method::DELETE, "/open311/v2/requests.json", &[], None)).await, 405);
    let anonymous = Request::builder().uri("/open311/v2/requests.json").header(header::HOST, "localhost");
    refused(&bench.send(anonymous.body(Body::empty()).expect("a request")).await, 401);
    let by_key = Request::builder()
        .uri(format!("/open311/v2/requests.json?api_key={TOKEN}"))
        .header(header::HOST, "localhost");
    bench.send(by_key.body(Body::empty()).expect("a request")).await.expect(200);

    let answer = get(&bench, "requests/none.xml").await;
    assert_eq!(answer.header("content-type"), "text/xml; charset=utf-8");
    let xml = String::from_utf8(answer.body).expect("UTF-8");
    assert!(xml.contains("<errors><error><code>404</code><description>There is no such thing: "), "{xml}");
}

#[tokio::test]
async fn a_repeated_report_is_one() {
    let bench = bench().await;
    let key = [("idempotency-key", "once")];
    let first = post(&bench, "requests.json", &report(), &key).await.expect(201).json();
    let again = post(&bench, "requests.xml", &report(), &key).await.expect(201);
    let id = first[0]["service_request_id"].as_str().expect("an id");
    assert!(String::from_utf8_lossy(&again.body).contains(id));
    let mut other = report();
    other.push(("address_string", "x"));
    refused(&post(&bench, "requests.json", &other, &key).await, 422);
    assert_eq!(get(&bench, "requests.json").await.json().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn requests_are_asked_for_by_id_code_date_status_and_page() {
    let bench = bench().await;
    for (number, day) in ["2026-06-01", "2026-07-01", "2026-08-01", "2026-09-01"].into_iter().enumerate() {
        let mut report = rubbish(&format!("A-{number}"));
        report["happened_at"] = json!(format!("{day}T00:00:00Z"));
        if number == 2 {
            report["class"]["code"] = json!("06011");
        }
        bench.post("/api/v1/issues", &report).await.expect(201);
    }
    bench.step("A-3", 1, &step("make_void")).await.expect(200);
    let ids = async |query: &str| -> Vec<String> {
        let answer = get(&bench, &format!("requests.json?{query}")).await.expect(200).json();
        let list = answer.as_array().expect("a list");
        list.iter().map(|one| one["service_request_id"].as_str().unwrap_or_default().to_owned()).collect()
    };
    // Ninety days unless said, the newest first.
    assert_eq!(ids("").await, ["A-3", "A-2", "A-1"]);
    assert_eq!(ids("status=open").await, ["A-2", "A-1"]);
    assert_eq!(ids("status=closed").await, ["A-3"]);
    assert_eq!(ids(&format!("service_code={CODE},x")).await, ["A-3", "A-1"]);
    assert_eq!(
        ids("start_date=2026-05-01T00:00:00Z&end_date=2026-07-01T08:00:00%2B08:00").await,
        ["A-1", "A-0"]
    );
    assert_eq!(ids("start_date=2026-07-15T00:00:00Z&status=").await, ["A-3", "A-2"]);
    assert_eq!(ids("page_size=2").await, ["A-3", "A-2"]);
    assert_eq!(ids("page_size=2&page=2").await, ["A-1"]);
    assert_eq!(ids("page_size=2&page=3").await, [""; 0]);
    assert_eq!(ids("service_request_id=A-0,A-3,none&status=open").await, ["A-3", "A-0"]);
    let empty = get(&bench, "requests.xml?service_request_id=none").await.expect(200);
    assert!(String::from_utf8_lossy(&empty.body).ends_with("<service_requests></service_requests>"));
    refused(&get(&bench, "requests.json?status=done").await, 400);
    assert_eq!(ids("page_size=0").await, ["A-3"]);
}
