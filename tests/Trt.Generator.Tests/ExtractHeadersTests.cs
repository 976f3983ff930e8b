using Trt.Generator.Extract;
using Trt.Generator.Model;
using Xunit;

namespace Trt.Generator.Tests;

/// <summary>The committed models against the headers themselves, where TRT_HEADERS names a folder of header folders.</summary>
public sealed class ExtractHeadersTests
{
    /// <summary>Extracting anew gives the committed bytes.</summary>
    [SkippableFact]
    public void ExtractingAgainChangesNothing()
    {
        string root = RootOrSkip();
        ClangCompiler clang = ExtractClang.OrSkip();
        Assert.NotEmpty(ReleaseFolders.Find(root));
        Assert.Empty(ModelCheck.Differences(clang, root, ExtractedModels.Folder));
    }

    /// <summary>The check finds one changed line, and a file that is not there.</summary>
    [SkippableFact]
    public void TheCheckNamesFileAndLine()
    {
        ClangCompiler clang = ExtractClang.OrSkip();
        using ExtractSampleHeaders headers = new();
        string root = Directory.CreateTempSubdirectory().FullName;
        string release = Path.Combine(root, "tensorrt-10.17");
        Directory.CreateDirectory(release);
        foreach (string file in Directory.EnumerateFiles(headers.Folder))
        {
            File.Copy(file, Path.Combine(release, Path.GetFileName(file)));
        }
        string models = Directory.CreateTempSubdirectory().FullName;
        Assert.Contains("does not exist", Assert.Single(ModelCheck.Differences(clang, root, models)), StringComparison.Ordinal);
        string path = ApiModelWriter.Save(Assert.Single(ReleaseFolders.Find(root)).Extract(clang), models);
        Assert.Empty(ModelCheck.Differences(clang, root, models));
        string[] lines = File.ReadAllLines(path);
        int line = Array.FindIndex(lines, text => text.Contains("\"measure\"", StringComparison.Ordinal));
        lines[line] = lines[line].Replace("float", "double", StringComparison.Ordinal);
        File.WriteAllLines(path, lines);
        Assert.StartsWith($"{path}:{line + 1}: ", Assert.Single(ModelCheck.Differences(clang, root, models)), StringComparison.Ordinal);
    }

    /// <summary>64-bit ARM has the slots of x64 on Linux and on Windows, and all four have the same object layouts.</summary>
    [SkippableFact]
    public void ProcessorsAgree()
    {
        string root = RootOrSkip();
        ClangCompiler clang = ExtractClang.OrSkip();
        foreach (ExtractRequest request in ReleaseFolders.Find(root).Where(item => item.Library != ExtractRequest.OnnxRuntime))
        {
            HeaderSet headers = HeaderSet.TensorRt(request.Folders);
            using WorkFolder work = new();
            using AstDocument document = new(clang.Compile(Target.LinuxX64, [work.Stubs, .. headers.Folders], work.Write("api.cpp", headers.Source()), "-fsyntax-only", "-Xclang", "-ast-dump=json"));
            DeclarationIndex index = new(document, headers.Folders);
            IReadOnlyList<string> touches = ModelExtractor.Touches(index);
            LayoutReader reader = new(clang, headers, work);
            VtableDump linux = reader.Tables(Target.LinuxX64, touches), linuxArm = reader.Tables(Target.LinuxArm64, touches);
            VtableDump windows = reader.Tables(Target.WindowsX64, touches), windowsArm = reader.Tables(Target.WindowsArm64, touches);
            Assert.Equal(touches.Count, linux.Classes.Count);
            Assert.True(linux.Matches(linuxArm), request.Release);
            Assert.True(windows.Matches(windowsArm), request.Release);
            Assert.False(linux.Matches(windows), request.Release);
            Assert.NotEmpty(reader.Records([.. index.Classes.Select(type => type.LayoutName)]));
        }
    }

    private static string RootOrSkip()
    {
        string? root = Environment.GetEnvironmentVariable("TRT_HEADERS");
        Skip.If(string.IsNullOrEmpty(root), "TRT_HEADERS does not name a folder with the headers of every release");
        return root!;
    }
}
