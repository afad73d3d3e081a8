package cognito

import (
	"context"

	"github.com/poolhouse-id/poolhouse/internal/userimport"
	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// GetCSVHeader gives the columns of a file of users.
func (a *API) GetCSVHeader(ctx context.Context, in *wire.GetCSVHeaderRequest) (*wire.GetCSVHeaderResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	return &wire.GetCSVHeaderResponse{UserPoolID: pool.ID, CSVHeader: userimport.Header(pool)}, nil
}

// CreateUserImportJob makes a job and says where its file is uploaded.
func (a *API) CreateUserImportJob(ctx context.Context, in *wire.CreateUserImportJobRequest) (*wire.CreateUserImportJobResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	job, err := a.Imports.Create(ctx, userimport.Creation{
		Pool: pool, Name: in.JobName, Role: in.CloudWatchLogsRoleARN, Algorithm: in.PasswordHashingAlgorithm,
	})
	if err != nil {
		return nil, err
	}
	shown, err := a.importJobType(ctx, job)
	return &wire.CreateUserImportJobResponse{UserImportJob: shown}, err
}

// StartUserImportJob starts a job whose file was uploaded.
func (a *API) StartUserImportJob(ctx context.Context, in *wire.StartUserImportJobRequest) (*wire.StartUserImportJobResponse, error) {
	shown, err := a.importJob(ctx, in.UserPoolID, in.JobID, a.Imports.Start)
	return &wire.StartUserImportJobResponse{UserImportJob: shown}, err
}

// StopUserImportJob stops a job.
func (a *API) StopUserImportJob(ctx context.Context, in *wire.StopUserImportJobRequest) (*wire.StopUserImportJobResponse, error) {
	shown, err := a.importJob(ctx, in.UserPoolID, in.JobID, a.Imports.Stop)
	return &wire.StopUserImportJobResponse{UserImportJob: shown}, err
}

// DescribeUserImportJob shows a job.
func (a *API) DescribeUserImportJob(ctx context.Context, in *wire.DescribeUserImportJobRequest) (*wire.DescribeUserImportJobResponse, error) {
	shown, err := a.importJob(ctx, in.UserPoolID, in.JobID, a.Imports.Job)
	return &wire.DescribeUserImportJobResponse{UserImportJob: shown}, err
}

// importJob does something with the job that is named, and shows it.
func (a *API) importJob(ctx context.Context, poolID, id string,
	do func(context.Context, *userpool.Pool, string) (*userpool.ImportJob, error)) (*wire.UserImportJobType, error) {
	pool, err := a.pool(ctx, poolID)
	if err != nil {
		return nil, err
	}
	job, err := do(ctx, pool, id)
	if err != nil {
		return nil, err
	}
	return a.importJobType(ctx, job)
}

// ListUserImportJobs lists the jobs of a pool, newest first.
func (a *API) ListUserImportJobs(ctx context.Context, in *wire.ListUserImportJobsRequest) (*wire.ListUserImportJobsResponse, error) {
	pool, err := a.pool(ctx, in.UserPoolID)
	if err != nil {
		return nil, err
	}
	jobs, next, err := a.Imports.Jobs(ctx, pool, int(in.MaxResults), in.PaginationToken)
	if err != nil {
		return nil, err
	}
	out := &wire.ListUserImportJobsResponse{UserImportJobs: make([]wire.UserImportJobType, 0, len(jobs)), PaginationToken: next}
	for _, job := range jobs {
		shown, err := a.importJobType(ctx, job)
		if err != nil {
			return nil, err
		}
		out.UserImportJobs = append(out.UserImportJobs, *shown)
	}
	return out, nil
}

func (a *API) importJobType(ctx context.Context, job *userpool.ImportJob) (*wire.UserImportJobType, error) {
	address, err := a.Imports.UploadURL(ctx, job)
	if err != nil {
		return nil, err
	}
	shown := &wire.UserImportJobType{
		CloudWatchLogsRoleARN:    job.Role,
		CompletionMessage:        job.Message,
		CreationDate:             wire.NewTimestamp(job.Created),
		FailedUsers:              new(job.Failed),
		ImportedUsers:            new(job.Imported),
		JobID:                    job.ID,
		JobName:                  job.Name,
		PasswordHashingAlgorithm: job.Algorithm,
		PreSignedURL:             address,
		SkippedUsers:             new(job.Skipped),
		Status:                   job.Status,
		UserPoolID:               job.PoolID,
	}
	if !job.Started.IsZero() {
		shown.StartDate = wire.NewTimestamp(job.Started)
	}
	if !job.Completed.IsZero() {
		shown.CompletionDate = wire.NewTimestamp(job.Completed)
	}
	return shown, nil
}
