package server

import (
	"net/http"
	"net/netip"

	"github.com/poolhouse-id/poolhouse/internal/console"
	"github.com/poolhouse-id/poolhouse/internal/limits"
	"github.com/poolhouse-id/poolhouse/internal/metrics"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// newMetrics makes the metrics of the server.
func (s *Server) newMetrics(queue *limits.Queue) *metrics.Metrics {
	var operations []string
	for _, op := range wire.Operations() {
		operations = append(operations, op.Name)
	}
	return metrics.New(s.cfg.Version, operations, func() metrics.Figures { return s.figures(queue) })
}

// figures asks the parts for what they say of themselves.
func (s *Server) figures(queue *limits.Queue) metrics.Figures {
	store, arithmetic, account := s.store.Stats(), queue.Stats(), s.accounts.Stats()
	f := metrics.Figures{
		Units: store.Units, Commits: store.Commits, UnitsAgain: store.Again, UnitsWaiting: store.Waiting,
		SweptRows: store.Swept, Readers: store.Readers, ReadersBusy: store.Busy,
		Workers: arithmetic.Workers, Depth: arithmetic.Depth, Running: arithmetic.Running, Waiting: arithmetic.Waiting,
		Done: arithmetic.Done, Refused: arithmetic.Refused,
		Messages: account.Messages, MessagesLimit: account.Limit,
		ConnectionsLimit: s.cfg.Connections,
	}
	imports := s.imports.Stats()
	f.ImportRows = map[string]int64{"imported": imports.Imported, "skipped": imports.Skipped, "failed": imports.Failed}
	f.ImportJobs = imports.Jobs
	if l := s.listener.Load(); l != nil {
		f.Connections = l.connected()
	}
	return f
}

// readsMetrics says whether the request may read the metrics: it comes from a network that was given, or from this
// machine.
func (s *Server) readsMetrics(r *http.Request) bool {
	address, err := netip.ParseAddr(clientAddress(r, s.cfg.Proxies))
	return err == nil && trusted(address, s.cfg.MetricsFrom) || console.FromThisMachine(r)
}
