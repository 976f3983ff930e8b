namespace Trt.Build.Testing;

/// <summary>How a test ended.</summary>
internal enum TestResult
{
    Passed,
    Failed,
    Skipped,
}
