using Trt.Generator.Emit;
using Trt.Generator.Model;
using Xunit;

namespace Trt.Generator.Tests;

public sealed class EmitTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("emit");

    private static string Root => Checkout.Root;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void EmittingAgainChangesNothing() =>
        Assert.Empty(GeneratedFiles.Changes(Root, new Emitter(Root).Emit()));

    [Fact]
    public void EveryMemberHasATextOfItsOwn()
    {
        Emitter emitter = new(Root);
        emitter.Emit();
        Assert.Empty(emitter.Undocumented);
    }

    [Fact]
    public void EveryPublicMethodOfEveryModelIsBoundOrListedAsLeftOut()
    {
        Annotations annotations = Annotations.Load(Path.Combine(Root, "bindings", "annotations.yaml"));
        ApiUnion union = new(ApiModelReader.LoadAll(Path.Combine(Root, "bindings", "models")), annotations);
        int bound = 0;
        foreach (ApiModel model in union.Releases)
        {
            HashSet<MethodModel> known = [.. union.Classes.SelectMany(item => item.Members).Select(member => member.Bindings.GetValueOrDefault(model)?.Public).OfType<MethodModel>()];
            foreach (ClassModel item in model.Classes.Where(item => item.Kind != ClassKind.Impl))
            {
                foreach (MethodModel method in item.Methods.Where(method => method.Access == "public" && !method.IsOverride && !method.IsStatic && method.Skip is null && method.Default != "delete"))
                {
                    string name = Naming.Last(ApiUnion.PublicName(model, item.Name)) + "." + method.Name;
                    Assert.True(known.Contains(method) || annotations.Left.ContainsKey(name), $"{model.FileName}: {name} is neither bound nor left out with a reason.");
                    bound++;
                }
            }
        }

        Assert.True(bound > 15_000, $"only {bound} methods were looked at");
    }

    [Theory]
    [InlineData("  - for: INetworkDefinition.addDistCollective\n    params: {groups: span groupSize const}\n", "INetworkDefinition.addDistCollective", "groups")]
    [InlineData("  - for: IBuilderConfig.setProgressMonitor\n    params: {monitor: nullable keep}\n", "IBuilderConfig.setProgressMonitor", "monitor")]
    [InlineData("  - for: [\"IPluginRegistry.getPluginCreatorList\", \"IPluginRegistry.getAllCreators*\"]\n    returns: list numCreators\n", "IPluginRegistry.getAllCreators", "numCreators")]
    public void APointerThatNobodyExplainsFailsTheEmit(string rule, string member, string parameter)
    {
        CopyBindings(text => text.Replace(rule, string.Empty, StringComparison.Ordinal));
        EmitException exception = Assert.Throws<EmitException>(() => new Emitter(folder.FullName).Emit());
        Assert.Contains(member, exception.Message, StringComparison.Ordinal);
        Assert.Contains(parameter, exception.Message, StringComparison.Ordinal);
        Assert.Contains("needs an annotation", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FilesThatNothingGeneratesAnyMoreAreChanges()
    {
        string stray = Path.Combine(folder.FullName, "bindings", "generated", "tensorrt", "Old.cs");
        Directory.CreateDirectory(Path.GetDirectoryName(stray)!);
        File.WriteAllText(stray, "// old");
        Assert.Equal(["bindings/generated/tensorrt/Old.cs"], GeneratedFiles.Changes(folder.FullName, new Dictionary<string, string>()));
    }

    [Theory]
    [InlineData("kFLOAT", "Float")]
    [InlineData("kSTRONGLY_TYPED", "StronglyTyped")]
    [InlineData("kBF16", "BF16")]
    [InlineData("kTF32", "TF32")]
    [InlineData("kSM86", "SM86")]
    [InlineData("kUINT8", "UInt8")]
    [InlineData("kCHW32", "CHW32")]
    [InlineData("kINTERNAL_ERROR", "InternalError")]
    public void EnumeratorsReadAsInDotNet(string cpp, string cs) => Assert.Equal(cs, Naming.Enumerator(cpp));

    private void CopyBindings(Func<string, string> change)
    {
        string source = Path.Combine(Root, "bindings");
        string target = Path.Combine(folder.FullName, "bindings");
        Directory.CreateDirectory(Path.Combine(target, "models"));
        foreach (string model in Directory.GetFiles(Path.Combine(source, "models"), "tensorrt-1*.json"))
        {
            File.Copy(model, Path.Combine(target, "models", Path.GetFileName(model)));
        }

        string before = File.ReadAllText(Path.Combine(source, "annotations.yaml"));
        string after = change(before);
        Assert.NotEqual(before, after);
        File.WriteAllText(Path.Combine(target, "annotations.yaml"), after);
    }
}
