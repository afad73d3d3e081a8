// Package metrics counts and times what the server does, for Prometheus. A door tells a Metrics of each request, and
// each time somebody reads them the other parts are asked for their figures. Labels hold names that the program
// knows, never what a client sent.
package metrics

import (
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	// Unknown is the operation of requests that name none.
	Unknown = "unknown"
	none    = "none"  // the exception of a success
	other   = "other" // stands for exceptions of one operation beyond maxExceptions

	maxExceptions = 64
	readers       = 4 // at a time
)

// buckets are the bounds of the histogram in seconds: from look-ups in memory to a mail server that takes its time.
var buckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// Metrics holds the figures of one server. It may be used by several goroutines.
type Metrics struct {
	registry   *prometheus.Registry
	inFlight   prometheus.Gauge
	requests   *prometheus.CounterVec
	durations  *prometheus.HistogramVec
	operations map[string]*operation
}

// operation has the series of an operation, made when it is first called, so that a request looks none up.
type operation struct {
	name string
	once sync.Once
	took prometheus.Observer
	well prometheus.Counter

	mu     sync.RWMutex
	faults map[string]prometheus.Counter // by exception
}

// New makes the metrics of a server of that version with those operations. figures is asked at each reading.
func New(version string, operations []string, figures func() Figures) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "poolhouse_requests_in_flight", Help: "API requests that are being answered."}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "poolhouse_requests_total", Help: "API requests that were answered, by operation and exception (none: success)."},
			[]string{"operation", "exception"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "poolhouse_request_duration_seconds", Help: "Time from an API request's head to its answer.", Buckets: buckets},
			[]string{"operation"}),
		operations: map[string]*operation{Unknown: {name: Unknown}},
	}
	for _, name := range operations {
		m.operations[name] = &operation{name: name}
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "poolhouse_build_info", Help: "1, with the version of Poolhouse and of Go.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version()}})
	build.Set(1)
	m.registry.MustRegister(m.inFlight, m.requests, m.durations, build, collector{figures},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Began notes that an API request has come.
func (m *Metrics) Began() { m.inFlight.Inc() }

// Ended notes that it was answered: exception is "" for a success.
func (m *Metrics) Ended(name, exception string, took time.Duration) {
	m.inFlight.Dec()
	o, ok := m.operations[name]
	if !ok {
		o = m.operations[Unknown]
	}
	o.once.Do(func() {
		o.took = m.durations.WithLabelValues(o.name)
		o.well = m.requests.WithLabelValues(o.name, none)
		o.faults = map[string]prometheus.Counter{}
	})
	o.took.Observe(took.Seconds())
	if exception == "" {
		o.well.Inc()
		return
	}
	o.fault(m.requests, exception).Inc()
}

// fault gives the counter of an exception.
func (o *operation) fault(requests *prometheus.CounterVec, exception string) prometheus.Counter {
	o.mu.RLock()
	c, ok := o.faults[exception]
	o.mu.RUnlock()
	if ok {
		return c
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.faults) >= maxExceptions {
		exception = other
	}
	c = requests.WithLabelValues(o.name, exception)
	o.faults[exception] = c
	return c
}

// Handler shows everything in the formats of Prometheus.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: readers})
}
