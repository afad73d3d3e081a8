package directory

import (
	"context"
	"errors"
	"slices"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// SetLogDelivery replaces where the pool's logs go (operation SetLogDeliveryConfiguration); an empty list ends it.
func (s *Service) SetLogDelivery(ctx context.Context, seen *userpool.Pool, logs []wire.LogConfigurationType) (*wire.LogDeliveryConfigurationType, error) {
	if logs == nil {
		logs = []wire.LogConfigurationType{}
	}
	for i, l := range logs {
		if err := checkLog(l); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(logs[:i], func(other wire.LogConfigurationType) bool { return other.EventSource == l.EventSource }) {
			return nil, invalid("EventSource " + string(l.EventSource) + " is given more than once.")
		}
	}
	err := s.Store.Write(ctx, func(tx userpool.Tx) error {
		pool, err := samePool(ctx, tx, seen)
		if err != nil {
			return err
		}
		if pool.Settings.UserPoolTier != wire.UserPoolTierTypePlus && exportsActivity(logs) {
			return aboveTier(pool.Settings.UserPoolTier, activityLogs)
		}
		return s.putDocument(ctx, tx, pool.Number, userpool.LogDeliveries, wholePool, logs)
	})
	if err != nil {
		return nil, err
	}
	return &wire.LogDeliveryConfigurationType{UserPoolID: seen.ID, LogConfigurations: logs}, nil
}

// LogDelivery gives where the pool's logs go (operation GetLogDeliveryConfiguration).
func (s *Service) LogDelivery(ctx context.Context, pool *userpool.Pool) (*wire.LogDeliveryConfigurationType, error) {
	logs, err := logConfigurations(ctx, s.Store, pool)
	if err != nil {
		return nil, err
	}
	return &wire.LogDeliveryConfigurationType{UserPoolID: pool.ID, LogConfigurations: logs}, nil
}

// logConfigurations reads the pool's list, which is never nil.
func logConfigurations(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool) ([]wire.LogConfigurationType, error) {
	d, err := r.Document(ctx, pool.Number, userpool.LogDeliveries, wholePool)
	if errors.Is(err, userpool.ErrNotFound) {
		return []wire.LogConfigurationType{}, nil
	}
	if err != nil {
		return nil, err
	}
	logs, err := contentOf[[]wire.LogConfigurationType](d)
	if err != nil {
		return nil, err
	}
	return *logs, nil
}

// exportsActivity says whether the activity of users is among the logs.
func exportsActivity(logs []wire.LogConfigurationType) bool {
	return slices.ContainsFunc(logs, func(l wire.LogConfigurationType) bool {
		return l.EventSource == wire.EventSourceNameUserAuthEvents
	})
}

// checkLog judges one entry: each source has one level, and one destination of the kinds that it can have.
func checkLog(l wire.LogConfigurationType) error {
	targets := 0
	for _, given := range []bool{l.CloudWatchLogsConfiguration != nil, l.S3Configuration != nil, l.FirehoseConfiguration != nil} {
		if given {
			targets++
		}
	}
	level := wire.LogLevelError
	if l.EventSource == wire.EventSourceNameUserAuthEvents {
		level = wire.LogLevelInfo
	}
	source := string(l.EventSource)
	switch {
	case l.LogLevel != level:
		return invalid("LogLevel must be " + string(level) + " for the EventSource " + source + ".")
	case targets != 1:
		return invalid("Exactly one destination must be given for the EventSource " + source + ".")
	case level == wire.LogLevelError && l.CloudWatchLogsConfiguration == nil:
		return invalid("The EventSource " + source + " can have a CloudWatchLogsConfiguration only.")
	case l.CloudWatchLogsConfiguration != nil && !isARNOf(l.CloudWatchLogsConfiguration.LogGroupARN, "logs", logGroup):
		return invalid("LogGroupArn is not the ARN of a log group: " + l.CloudWatchLogsConfiguration.LogGroupARN)
	case l.S3Configuration != nil && !isBucket(l.S3Configuration.BucketARN):
		return invalid("BucketArn is not the ARN of a bucket: " + l.S3Configuration.BucketARN)
	case l.FirehoseConfiguration != nil && !isARNOf(l.FirehoseConfiguration.StreamARN, "firehose", deliveryStream):
		return invalid("StreamArn is not the ARN of a delivery stream: " + l.FirehoseConfiguration.StreamARN)
	}
	return nil
}
