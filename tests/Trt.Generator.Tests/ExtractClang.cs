using Trt.Generator.Extract;
using Xunit;

namespace Trt.Generator.Tests;

/// <summary>Clang for tests that need it.</summary>
internal static class ExtractClang
{
    /// <summary>The compiler, or the test is skipped with the finder's own reason.</summary>
    public static ClangCompiler OrSkip()
    {
        try
        {
            return ClangCompiler.Find();
        }
        catch (ExtractException e)
        {
            Skip.If(true, e.Message);
            throw;
        }
    }
}
