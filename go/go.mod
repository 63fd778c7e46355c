module github.com/bayplan/bayplan/go

go 1.24.0
