package token

import (
	"sync"
	"time"
)

const (
	cacheSize = 1024        // entries of one cache
	cacheAge  = time.Minute // how long an entry counts
)

// cache is a bounded map whose entries are fresh for cacheAge. The zero value is empty and ready.
type cache[K comparable, V any] struct {
	mu      sync.Mutex
	entries map[K]entry[V]
}

type entry[V any] struct {
	value V
	read  time.Time
}

// get gives the value that was put, and whether it is fresh at now.
func (c *cache[K, V]) get(key K, now time.Time) (value V, fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	age := now.Sub(e.read)
	return e.value, ok && age >= 0 && age < cacheAge
}

// put keeps a value. A full cache loses an arbitrary other one.
func (c *cache[K, V]) put(key K, value V, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = make(map[K]entry[V])
	}
	if _, ok := c.entries[key]; !ok && len(c.entries) >= cacheSize {
		for other := range c.entries {
			delete(c.entries, other)
			break
		}
	}
	c.entries[key] = entry[V]{value, now}
}
