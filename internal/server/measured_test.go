package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/poolhouse-id/poolhouse/poolhousetest"
)

// readMetrics reads the metrics of a running server.
func readMetrics(t *testing.T, srv *poolhousetest.Server, headers ...string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.Endpoint+"/_poolhouse/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// What users do shows in the metrics, and nothing of who they are.
func TestMetricsOfALife(t *testing.T) {
	t.Parallel()
	srv := poolhousetest.NewServer(t)
	secrets := map[string]string{}
	life(t, srv, secrets)
	post(t, srv, "planted-operation", []byte("{}"))
	status, text := readMetrics(t, srv)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	for _, want := range []string{
		`poolhouse_build_info{go_version="`, `version="test"} 1`,
		`poolhouse_requests_total{exception="none",operation="SignUp"} 1`,
		`poolhouse_requests_total{exception="NotAuthorizedException",operation="InitiateAuth"} 1`,
		`poolhouse_requests_total{exception="UnknownOperationException",operation="unknown"} 1`,
		`poolhouse_request_duration_seconds_count{operation="ChangePassword"} 1`,
		"poolhouse_requests_in_flight 0\n", "poolhouse_store_units_total ", "poolhouse_store_readers 4\n",
		"poolhouse_arithmetic_running 0\n", "poolhouse_background_messages_limit 256\n", "poolhouse_connections_limit 4096\n",
		`poolhouse_import_rows_total{result="imported"} 0`, `poolhouse_import_jobs_total{status="Succeeded"} 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s", want)
		}
	}
	for _, busy := range []string{"poolhouse_store_units_total", "poolhouse_arithmetic_done_total", "poolhouse_connections"} {
		if strings.Contains(text, busy+" 0\n") {
			t.Errorf("%s is 0", busy)
		}
	}
	secrets[srv.PoolID], secrets[srv.ClientID], secrets["planted"] = "pool", "client", "operation"
	for secret, where := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in the metrics: %s", where, lineWith(text, secret))
		}
	}
	if status, text := readMetrics(t, srv, "X-Forwarded-For", "203.0.113.5"); status != http.StatusNotFound || strings.Contains(text, "poolhouse_") {
		t.Errorf("through a proxy: %d %s", status, text)
	}
}
