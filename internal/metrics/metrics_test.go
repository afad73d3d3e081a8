package metrics

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// read gives what a reader sees.
func read(t testing.TB, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func (m *Metrics) request(operation, exception string, took time.Duration) {
	m.Began()
	m.Ended(operation, exception, took)
}

func TestMetrics(t *testing.T) {
	figures := Figures{
		Units: 1, Commits: 2, UnitsAgain: 3, UnitsWaiting: 4, SweptRows: 5, Readers: 6, ReadersBusy: 7,
		Workers: 8, Depth: 9, Running: 10, Waiting: 11, Done: 12, Refused: 13, Messages: 14, MessagesLimit: 15,
		Connections: 16, ConnectionsLimit: 17,
		ImportRows: map[string]int64{"imported": 18, "failed": 19}, ImportJobs: map[string]int64{"Succeeded": 20},
	}
	m := New("1.2.3", []string{"GetUser", "SignUp"}, func() Figures { return figures })
	m.request("GetUser", "", 3*time.Millisecond)
	m.request("GetUser", "", 30*time.Millisecond)
	m.request("GetUser", "NotAuthorizedException", time.Millisecond)
	m.request("", "UnknownOperationException", time.Millisecond)
	m.request("jane@example.com", "UnknownOperationException", time.Millisecond)
	m.Began()
	got := read(t, m)
	for _, want := range []string{
		`poolhouse_build_info{go_version="go1.`, `version="1.2.3"} 1`,
		`poolhouse_requests_total{exception="none",operation="GetUser"} 2`,
		`poolhouse_requests_total{exception="NotAuthorizedException",operation="GetUser"} 1`,
		`poolhouse_requests_total{exception="UnknownOperationException",operation="unknown"} 2`,
		`poolhouse_request_duration_seconds_count{operation="GetUser"} 3`,
		`poolhouse_request_duration_seconds_bucket{operation="GetUser",le="0.005"} 2`,
		"poolhouse_requests_in_flight 1",
		"poolhouse_store_units_total 1", "poolhouse_store_commits_total 2", "poolhouse_store_units_again_total 3",
		"poolhouse_store_units_waiting 4", "poolhouse_store_swept_rows_total 5", "poolhouse_store_readers 6", "poolhouse_store_readers_busy 7",
		"poolhouse_arithmetic_workers 8", "poolhouse_arithmetic_waiting_limit 9", "poolhouse_arithmetic_running 10",
		"poolhouse_arithmetic_waiting 11", "poolhouse_arithmetic_done_total 12", "poolhouse_arithmetic_refused_total 13",
		"poolhouse_background_messages 14", "poolhouse_background_messages_limit 15",
		"poolhouse_connections 16", "poolhouse_connections_limit 17",
		`poolhouse_import_rows_total{result="imported"} 18`, `poolhouse_import_rows_total{result="failed"} 19`,
		`poolhouse_import_jobs_total{status="Succeeded"} 20`,
		"go_goroutines ", "process_resident_memory_bytes ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s", want)
		}
	}
	for _, no := range []string{"SignUp", "jane@example.com"} {
		if strings.Contains(got, no) {
			t.Errorf("there is a %s", no)
		}
	}
}

// However many exceptions there are, the series of an operation are bounded.
func TestExceptionsAreBounded(t *testing.T) {
	m := New("", []string{"GetUser"}, func() Figures { return Figures{} })
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 1000 {
				m.request("GetUser", fmt.Sprint("Exception", i), 0)
			}
		})
	}
	wg.Wait()
	got := read(t, m)
	if n := strings.Count(got, "poolhouse_requests_total{"); n > maxExceptions+2 {
		t.Errorf("there are %d series", n)
	}
	if !strings.Contains(got, `exception="other"`) {
		t.Error("nothing stands for further exceptions")
	}
}

func BenchmarkRequest(b *testing.B) {
	m := New("", []string{"GetUser"}, func() Figures { return Figures{} })
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			m.request("GetUser", "", 3*time.Millisecond)
		}
	})
}
