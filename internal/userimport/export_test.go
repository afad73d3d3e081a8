package userimport

// Small makes s do little at a time, so that a short file takes it many units of work.
func Small(s *Service) { s.sizes = sizes{stretch: 14, bytes: 1 << 20, entries: 32, batch: 6, chunk: 3} }
