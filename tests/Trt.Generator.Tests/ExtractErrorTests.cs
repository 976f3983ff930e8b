using System.CommandLine;
using Trt.Generator.Extract;
using Trt.Generator.Model;
using Xunit;

namespace Trt.Generator.Tests;

/// <summary>What goes wrong is said in a sentence with file and line, and nothing is written.</summary>
public sealed class ExtractErrorTests
{
    [Fact]
    public void ClangIsMissing()
    {
        ExtractException error = Assert.Throws<ExtractException>(() => ClangCompiler.Find(["no-such-clang-a", "no-such-clang-b"]));
        Assert.Contains("no-such-clang-a, no-such-clang-b", error.Message, StringComparison.Ordinal);
        Assert.Contains("CLANG", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void NotClang()
    {
        Skip.If(OperatingSystem.IsWindows(), "needs a program that echoes its arguments");
        ExtractException error = Assert.Throws<ExtractException>(() => ClangCompiler.Find(["echo"]));
        Assert.Contains("echo is not clang", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void ClangIsTooOld()
    {
        Skip.If(OperatingSystem.IsWindows(), "needs a shell script");
        string script = Path.Combine(Directory.CreateTempSubdirectory().FullName, "clang++");
        File.WriteAllText(script, "#!/bin/sh\necho 'clang version 14.0.6'\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        Assert.Contains("is clang 14; extraction needs clang 17", Assert.Throws<ExtractException>(() => ClangCompiler.Find([script])).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void AHeaderThatDoesNotCompile()
    {
        using ExtractSampleHeaders headers = new();
        headers.Replace("NvInfer.h", "virtual void close() = 0;", "virtual void close(Unheard of) = 0;");
        Fails(headers, $"{Path.Combine(headers.Folder, "NvInfer.h")}:{headers.LineOf("NvInfer.h", "Unheard")}:", "unknown type name 'Unheard'");
    }

    [SkippableTheory]
    [InlineData("virtual void close() = 0;", "virtual void close(long count) = 0;", "the type \"long\" of \"count\" is not one")]
    [InlineData("virtual void close() = 0;", "virtual void close(int32_t (&list)[4]) = 0;", "has a form that the extractor does not know")]
    [InlineData("virtual void close() = 0;", "virtual void close(int32_t count, ...) = 0;", "has the type \"void (int32_t, ...)\"")]
    [InlineData("class IThing : public INoCopy", "class IOther { public: virtual ~IOther(); }; class IThing : public INoCopy, public IOther", "IThing has 2 base classes")]
    [InlineData("class VThing : public VRoot", "class VThing : public virtual VRoot", "virtual base class")]
    [InlineData("apiv::VThing* mImpl;", "apiv::VThing* mImpl; int32_t bits : 3;", "is a bit field")]
    [InlineData("class INoCopy { protected: virtual ~INoCopy() noexcept = default; };", "class INoCopy { public: virtual void run() = 0; };", "no virtual destructor")]
    [InlineData("struct Box {", "struct Box { union { int32_t a; float b; };", "construct that the extractor does not know")]
    public void AnUnknownConstruct(string old, string text, string message)
    {
        using ExtractSampleHeaders headers = new();
        headers.Replace("NvInfer.h", old, text);
        Fails(headers, $"{Path.Combine(headers.Folder, "NvInfer.h")}:{headers.LineOf("NvInfer.h", text)}: ", message);
    }

    [SkippableFact]
    public void AnotherRelease()
    {
        using ExtractSampleHeaders headers = new();
        ClangCompiler clang = ExtractClang.OrSkip();
        ExtractException error = Assert.Throws<ExtractException>(() => new ExtractRequest("tensorrt", "10.1", [headers.Folder], "tag", []).Extract(clang));
        Assert.Contains("10.1 was asked for", error.Message, StringComparison.Ordinal);
        Assert.Contains("10.17.2.5", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void TheParserHeaderIsMissing()
    {
        using ExtractSampleHeaders headers = new();
        File.Delete(Path.Combine(headers.Folder, "NvOnnxParser.h"));
        Fails(headers, "NvOnnxParser.h is not in " + headers.Folder, "second --include");
    }

    /// <summary>A model that says something else than the headers does not pass: here a slot-neutral lie about a type, an offset and a value.</summary>
    [SkippableFact]
    public void TheVerifierFindsAWrongModel()
    {
        using ExtractSampleHeaders headers = new();
        ClangCompiler clang = ExtractClang.OrSkip();
        ApiModel model = new ExtractRequest("tensorrt", "10.17", [headers.Folder], "tag", []).Extract(clang);
        using WorkFolder work = new();
        ModelVerifier verifier = new(clang, HeaderSet.TensorRt([headers.Folder]), work);
        verifier.Verify(model);

        EnumModel color = model.Enum("nvinfer1::Color");
        Fails(model with { Enums = [color with { Members = [new EnumMember("kRED", 1)] }] }, "nvinfer1::Color::kRED");
        StructModel box = model.Struct("Box");
        Fails(model with { Structs = [box with { Fields = [new FieldModel("sides", "int64_t[3]", 4)] }] }, "Box");
        ClassModel thing = model.Implementation("VThing");
        MethodModel measure = thing.Methods[0];
        Fails(model with { Classes = [thing with { Methods = [measure with { Returns = "int32_t" }] }] }, "VThing::measure");
        Fails(model with { Classes = [thing with { Methods = [measure with { IsConst = false }] }] }, "VThing::measure");

        void Fails(ApiModel wrong, string part) =>
            Assert.Contains(part, Assert.Throws<ExtractException>(() => verifier.Verify(wrong)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void TheCommandPrintsTheSentenceAndAnswersOne()
    {
        ExtractClang.OrSkip();
        using ExtractSampleHeaders headers = new();
        string output = Directory.CreateTempSubdirectory().FullName;
        Assert.Equal((0, ""), Run("--include", headers.Folder, "--release", "10.17", "--output", output));
        Assert.Equal(["tensorrt-10.17.json"], Directory.EnumerateFiles(output).Select(Path.GetFileName));

        headers.Replace("NvInfer.h", "virtual void close() = 0;", "virtual void close(long count) = 0;");
        (int code, string error) = Run("--include", headers.Folder, "--release", "10.17", "--output", output);
        Assert.Equal(1, code);
        Assert.StartsWith(Path.Combine(headers.Folder, "NvInfer.h") + ":", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.TrimEnd());

        Assert.Equal(1, Run("--include", headers.Folder).Code);
        Assert.Equal(1, Run("--include", "/no/such/folder", "--release", "10.17").Code);
        Assert.Equal(1, Run("--headers", "/no/such/folder").Code);
    }

    private static (int Code, string Error) Run(params string[] arguments)
    {
        using StringWriter error = new();
        using StringWriter output = new();
        int code = ExtractCommand.Create().Parse(arguments).Invoke(new InvocationConfiguration { Error = error, Output = output });
        return (code, error.ToString());
    }

    private static void Fails(ExtractSampleHeaders headers, params string[] parts)
    {
        ClangCompiler clang = ExtractClang.OrSkip();
        string message = Assert.Throws<ExtractException>(() => new ExtractRequest("tensorrt", "10.17", [headers.Folder], "tag", []).Extract(clang)).Message;
        foreach (string part in parts)
        {
            Assert.Contains(part, message, StringComparison.Ordinal);
        }
    }
}
