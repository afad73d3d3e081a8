package metrics

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// Figures are what the parts of the server say of themselves at one moment. What counts, counts since the start.
type Figures struct {
	Units        int64 // units of work that were kept
	Commits      int64 // in which they were kept
	UnitsAgain   int64 // times that a unit of work ran again because of a conflict
	UnitsWaiting int   // for their turn to write
	SweptRows    int64
	Readers      int // connections that read
	ReadersBusy  int

	Workers int // of the queue of signatures and exponentiations
	Depth   int
	Running int
	Waiting int
	Done    uint64
	Refused uint64

	Messages      int // on their way after their answers
	MessagesLimit int

	Connections      int
	ConnectionsLimit int

	ImportRows map[string]int64 // by result
	ImportJobs map[string]int64 // by status
}

// figure is one of them as a metric.
type figure struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*Figures) float64
}

// family is one by a label.
type family struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	values func(*Figures) map[string]int64
}

func counter(name, help string, value func(*Figures) float64) figure {
	return figure{prometheus.NewDesc("poolhouse_"+name, help, nil, nil), prometheus.CounterValue, value}
}

func gauge(name, help string, value func(*Figures) float64) figure {
	return figure{prometheus.NewDesc("poolhouse_"+name, help, nil, nil), prometheus.GaugeValue, value}
}

var figures = []figure{
	counter("store_units_total", "Units of work that were kept.", func(f *Figures) float64 { return float64(f.Units) }),
	counter("store_commits_total", "Commits; on SQLite one keeps the units of work of concurrent requests.", func(f *Figures) float64 { return float64(f.Commits) }),
	counter("store_units_again_total", "Times that a unit of work ran again because of a conflict.", func(f *Figures) float64 { return float64(f.UnitsAgain) }),
	gauge("store_units_waiting", "Units of work that wait for their turn to write.", func(f *Figures) float64 { return float64(f.UnitsWaiting) }),
	counter("store_swept_rows_total", "Rows that were removed because they had expired or their pool was deleted.", func(f *Figures) float64 { return float64(f.SweptRows) }),
	gauge("store_readers", "Database connections for reading; on PostgreSQL all that are open.", func(f *Figures) float64 { return float64(f.Readers) }),
	gauge("store_readers_busy", "Those in use.", func(f *Figures) float64 { return float64(f.ReadersBusy) }),

	gauge("arithmetic_workers", "How many signatures and exponentiations may run at once.", func(f *Figures) float64 { return float64(f.Workers) }),
	gauge("arithmetic_running", "Signatures and exponentiations that run.", func(f *Figures) float64 { return float64(f.Running) }),
	gauge("arithmetic_waiting", "Those that wait.", func(f *Figures) float64 { return float64(f.Waiting) }),
	gauge("arithmetic_waiting_limit", "How many may wait.", func(f *Figures) float64 { return float64(f.Depth) }),
	counter("arithmetic_done_total", "Those that ran.", func(f *Figures) float64 { return float64(f.Done) }),
	counter("arithmetic_refused_total", "Those that were refused because too many waited: TooManyRequestsException.", func(f *Figures) float64 { return float64(f.Refused) }),

	gauge("background_messages", "Messages on their way after their answers, and requests that may send one.", func(f *Figures) float64 { return float64(f.Messages) }),
	gauge("background_messages_limit", "How many may be.", func(f *Figures) float64 { return float64(f.MessagesLimit) }),

	gauge("connections", "Clients that are connected.", func(f *Figures) float64 { return float64(f.Connections) }),
	gauge("connections_limit", "How many may be.", func(f *Figures) float64 { return float64(f.ConnectionsLimit) }),
}

var families = []family{
	{prometheus.NewDesc("poolhouse_import_rows_total", "Rows of import jobs, by result.", []string{"result"}, nil),
		prometheus.CounterValue, func(f *Figures) map[string]int64 { return f.ImportRows }},
	{prometheus.NewDesc("poolhouse_import_jobs_total", "Import jobs that ended here, by status.", []string{"status"}, nil),
		prometheus.CounterValue, func(f *Figures) map[string]int64 { return f.ImportJobs }},
}

// collector asks for the figures when the metrics are read.
type collector struct{ ask func() Figures }

// Describe implements prometheus.Collector.
func (collector) Describe(out chan<- *prometheus.Desc) {
	for _, f := range figures {
		out <- f.desc
	}
	for _, f := range families {
		out <- f.desc
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(out chan<- prometheus.Metric) {
	now := c.ask()
	for _, f := range figures {
		out <- prometheus.MustNewConstMetric(f.desc, f.kind, f.value(&now))
	}
	for _, f := range families {
		values := f.values(&now)
		for _, label := range slices.Sorted(maps.Keys(values)) {
			out <- prometheus.MustNewConstMetric(f.desc, f.kind, float64(values[label]), label)
		}
	}
}
