namespace Trt.Generator.Emit;

/// <summary>The functions that native code calls where C# implements a class, and the vtables they go into.</summary>
internal sealed class StubEmitter(ApiUnion union)
{
    public void Emit(CodeWriter writer, ClassPlan plan)
    {
        UnionClass item = plan.Class;
        writer.Line($"/// <summary>What a managed {item.Name} is for native code.</summary>");
        writer.Open($"internal static unsafe class {StubName(item)}");
        writer.Line("/// <summary>Fills the object's own vtable.</summary>");
        writer.Open("public static void Fill(ref VtableBuilder builder)");
        if (item.IsInterface)
        {
            if (item.Parent is not null)
            {
                writer.Line($"{StubName(item.Parent)}.Fill(ref builder);");
            }

            SetAll(writer, plan, 0);
            if (InterfaceInfoOf(item) is not null)
            {
                writer.Line($"builder.Set(Core.Members.IVersionedInterface_getInterfaceInfo, (delegate* unmanaged[MemberFunction]<void*, NativeInterfaceInfo>)&InterfaceInfo);");
            }
        }
        else
        {
            foreach (MemberPlan method in plan.Plans.Where(IsVirtualInWrapper))
            {
                writer.Line($"builder.Set(Core.Members.{ProxyEmitter.MemberConstant(method.Member)}_wrapper, ({method.Variants[0].Pointer(false)})&{Thunk(method, 0)}_wrapper);");
            }
        }

        writer.Line($"builder.SetDestructor(Core.Members.{ProxyEmitter.DestructorConstant(item)});");
        if (item.HasDestroy)
        {
            writer.Line($"builder.SetDestroy(Core.Members.{ProxyEmitter.DestroyConstant(item)});");
        }

        writer.Close();
        if (!item.IsInterface && item.OwnLevels > 0)
        {
            writer.Line();
            writer.Line("/// <summary>Fills the vtable of the implementation that this class adds.</summary>");
            writer.Open("public static void FillImplementation(ref VtableBuilder builder)");
            // First: releases without it have a method of the class in its slot.
            if (HasWrapperGetter(item))
            {
                writer.Line("builder.SetWrapperGetter();");
            }

            SetAll(writer, plan, item.Levels);

            writer.Close();
        }

        if (InterfaceInfoOf(item) is { } info)
        {
            writer.Line();
            writer.Line("[UnmanagedCallersOnly(CallConvs = [typeof(CallConvMemberFunction)])]");
            writer.Line($"private static NativeInterfaceInfo InterfaceInfo(void* self) => Marshalling.InterfaceInfo(\"{info.Kind}\"u8, {info.Major}, {info.Minor});");
        }

        foreach (MemberPlan method in plan.Plans)
        {
            foreach (Variant variant in method.Variants)
            {
                writer.Line();
                Function(writer, plan, method, variant, false);
            }

            if (IsVirtualInWrapper(method))
            {
                writer.Line();
                Function(writer, plan, method, method.Variants[0], true);
            }
        }

        writer.Close();
    }

    public static string StubName(UnionClass item) => (item.Namespace == "Trt.Interop" ? string.Empty : Naming.Folder(item.Namespace)) + item.Name[1..] + "Stub";

    public static bool IsVirtualInWrapper(MemberPlan plan) => plan.Member.Bindings.Values.Any(binding => binding.Own is not null);

    /// <summary>Whether the implementation class has a private method that leads back to the wrapper.</summary>
    private bool HasWrapperGetter(UnionClass item) => union.Releases.Any(model => item.Models.TryGetValue(model, out Model.ClassModel? here)
        && here.Fields.Select(field => ApiUnion.ClassIn(model, CppType.Parse(field.Type).Name)).Any(implementation => implementation?.Methods.Any(method => method.Name == "getPImpl") == true));

    private static Model.InterfaceInfoModel? InterfaceInfoOf(UnionClass item) => item.Models.Values.Select(model => model.InterfaceInfo).FirstOrDefault(info => info is not null);

    private static string Thunk(MemberPlan method, int variant) => Naming.Member(method.Member.Constant[(method.Member.Owner.Name.Length + 1)..]) + (variant == 0 ? string.Empty : "_" + (variant + 1));

    private static void SetAll(CodeWriter writer, ClassPlan plan, int level)
    {
        foreach (MemberPlan method in plan.Plans)
        {
            if (method.Best.Level == level || plan.Class.IsInterface)
            {
                writer.Line($"builder.Set(Core.Members.{ProxyEmitter.MemberConstant(method.Member)}, {string.Join(", ", method.Variants.Select(variant => $"({variant.Pointer(false)})&{Thunk(method, variant.Number)}"))});");
            }
            else
            {
                throw method.Error($"belongs to implementation {method.Best.Level}, not to {level}");
            }
        }
    }

    private void Function(CodeWriter writer, ClassPlan plan, MemberPlan method, Variant variant, bool wrapper)
    {
        UnionClass item = plan.Class;
        writer.Line("[UnmanagedCallersOnly(CallConvs = [typeof(CallConvMemberFunction)])]");
        string parameters = string.Join(", ", method.Parameters.Select(parameter => $"{variant.Parameters[parameter.Index]} {Raw(parameter)}").Concat(variant.Parameters.Skip(method.Parameters.Count).Select((type, i) => $"{type} more{i}")).Prepend("void* self"));
        writer.Open($"private static {variant.Returns} {Thunk(method, variant.Number)}{(wrapper ? "_wrapper" : string.Empty)}({parameters})");
        bool scoped = item.IsInterface && (method.Parameters.Any(parameter => parameter.Form is ParameterForm.Object or ParameterForm.Objects && !parameter.Role.Contains("lasting", StringComparison.Ordinal)) || method.Parameters.Any(parameter => parameter.Managed?.Contains("DimsExprs", StringComparison.Ordinal) == true));
        if (scoped)
        {
            writer.Line("int scope = CallState.Current.ScopedCount;");
        }

        writer.Open("try");
        writer.Line($"Stub stub = Stub.{(wrapper ? "OfWrapper" : "Of")}(self);");
        writer.Line($"{item.Name} target = Unsafe.As<{item.Name}>(stub.Target);");
        Invoke(writer, plan, method, variant);
        writer.Close();
        writer.Open("catch (Exception exception)");
        writer.Line("CallState.Keep(exception);");
        if (variant.Returns != "void")
        {
            writer.Line($"return {(method.Rule.Failure is { } failure && !variant.Returns.EndsWith('*') ? failure : "default")};");
        }

        writer.Close();
        if (scoped)
        {
            writer.Open("finally");
            writer.Line("CallState.Current.EndScoped(scope);");
            writer.Close();
        }

        writer.Close();
    }

    private static string Raw(ParameterPlan parameter) => parameter.Stem + "_";

    private void Invoke(CodeWriter writer, ClassPlan plan, MemberPlan method, Variant variant)
    {
        bool lasting = !plan.Class.IsInterface;
        List<string> arguments = [];
        List<Action> after = [];
        foreach (ParameterPlan parameter in method.Parameters)
        {
            string native = variant.Parameters[parameter.Index];
            string raw = Raw(parameter);
            bool keeps = lasting || parameter.Role.Contains("lasting", StringComparison.Ordinal);
            switch (parameter.Form)
            {
                case ParameterForm.Value:
                    arguments.Add(Value(method, variant, parameter, raw, native));
                    break;
                case ParameterForm.String:
                    arguments.Add($"Marshalling.{(parameter.IsNullable ? "OptionalString" : "String")}({raw})");
                    break;
                case ParameterForm.Strings:
                    arguments.Add($"Marshalling.Strings({raw}, {CountOf(method, parameter)})");
                    break;
                case ParameterForm.Fields:
                    arguments.Add($"Marshalling.ToManaged({raw})");
                    break;
                case ParameterForm.Object:
                    arguments.Add($"stub.Argument<{Codecs.TypeName(parameter.Class!.Cpp)}>({raw}, ClassId.{ProxyEmitter.ClassConstant(parameter.Class!)}{(keeps ? ", lasting: true" : string.Empty)}){(parameter.IsNullable ? string.Empty : "!")}");
                    break;
                case ParameterForm.Objects:
                    string type = Codecs.TypeName(parameter.Class!.Cpp);
                    writer.Line($"{type}[] {parameter.Stem}Objects = new {type}[{CountOf(method, parameter)}];");
                    writer.Open($"for (int i = 0; i < {parameter.Stem}Objects.Length; i++)");
                    writer.Line($"{parameter.Stem}Objects[i] = stub.Argument<{type}>(((void**){raw})[i], ClassId.{ProxyEmitter.ClassConstant(parameter.Class!)}{(keeps ? ", lasting: true" : string.Empty)})!;");
                    writer.Close();
                    arguments.Add($"{parameter.Stem}Objects");
                    break;
                case ParameterForm.OutObject:
                    arguments.Add($"out {Codecs.TypeName(parameter.Class!.Cpp)}? {parameter.Stem}Made");
                    after.Add(() => writer.Line($"*{raw} = stub.Return({parameter.Stem}Made, ClassId.{ProxyEmitter.ClassConstant(parameter.Class!)}, owned: true);"));
                    break;
                case ParameterForm.Out:
                    Codec outCodec = method.Codecs.Value(variant.Model, parameter.Type with { Stars = 0, IsReference = false })!;
                    arguments.Add($"out {outCodec.Managed} {parameter.Stem}Made");
                    after.Add(() => writer.Line($"*{raw} = {outCodec.Out(parameter.Stem + "Made", "stub.Library")};"));
                    break;
                case ParameterForm.Bytes:
                    arguments.Add($"new {parameter.Managed}({raw}, checked((int){CountOf(method, parameter)}))");
                    break;
                case ParameterForm.Unsized:
                    Codec unsized = ProxyArguments.ElementOf(method, parameter, variant);
                    arguments.Add(unsized.IsBlittable
                        ? $"new {parameter.Managed}({raw})"
                        : $"new {parameter.Managed}({raw}, sizeof({unsized.Native}), &{unsized.Native}.Read)");
                    break;
                case ParameterForm.Span:
                    Span(writer, method, variant, parameter, raw, arguments, after);
                    break;
                case ParameterForm.Count or ParameterForm.List:
                    break;
                default:
                    throw method.Error($": no way to take {parameter.Cpp}");
            }
        }

        PropertyPlan? property = plan.Properties.FirstOrDefault(one => one.Getter == method || one.Setter == method);
        if (property is not null && property.Setter == method)
        {
            writer.Line($"target.{property.Name} = {arguments[0]};");
            if (variant.Returns != "void")
            {
                writer.Line("return 1;");
            }

            return;
        }

        string call = property is not null ? $"target.{property.Name}" : $"target.{method.CsName}({string.Join(", ", arguments)})";
        Answer(writer, method, variant, call, after);
    }

    private static void Answer(CodeWriter writer, MemberPlan method, Variant variant, string call, List<Action> after)
    {
        ReturnPlan returns = method.Return;
        string id = "Core.Members." + ProxyEmitter.MemberConstant(method.Member);
        void After()
        {
            foreach (Action action in after)
            {
                action();
            }
        }

        switch (returns.Form)
        {
            case ReturnForm.Void or ReturnForm.Success:
                writer.Line(call + ";");
                After();
                if (method.Rule.Destroys == "true")
                {
                    writer.Line("stub.Release();");
                }

                if (variant.Returns != "void")
                {
                    writer.Line("return 1;");
                }

                break;
            case ReturnForm.String:
                writer.Line($"byte* result = stub.String({call});");
                After();
                writer.Line("return result;");
                break;
            case ReturnForm.Object:
                string classId = method.Rule.Form == "capability" ? "PluginCapabilities.ClassOf(type_, capability)" : $"ClassId.{ProxyEmitter.ClassConstant(returns.Class!)}";
                if (method.Rule.Form == "capability")
                {
                    writer.Line($"IPluginCapability? capability = {call};");
                    call = "capability";
                }

                writer.Line($"void* result = stub.Return({call}, {classId}, owned: {(returns.IsOwned ? "true" : "false")});");
                After();
                writer.Line("return result;");
                break;
            case ReturnForm.Fields:
                writer.Line($"return stub.Fields({id}, {call});");
                break;
            case ReturnForm.Array:
                Array(writer, method, variant, call, id);
                break;
            case ReturnForm.Lists:
                Lists(writer, method, variant, call);
                break;
            case ReturnForm.Value when method.Rule.Form == "plugin version":
                writer.Line($"return ({variant.Returns})stub.PluginVersion;");
                break;
            default:
                if (variant.Returns == "void")
                {
                    writer.Line($"_ = {call};");
                    After();
                    break;
                }

                writer.Line($"{returns.Managed} result = {call};");
                After();
                if (returns.Managed == "nint")
                {
                    writer.Line($"return ({variant.Returns})result;");
                    break;
                }

                Codec codec = ProxyArguments.ReturnCodec(method, variant);
                writer.Line(variant.Returns.EndsWith('*')
                    ? $"return stub.Buffer<{codec.Native}>({id}, [{codec.Out("result", "stub.Library")}]);"
                    : $"return {codec.Out("result", "stub.Library")};");
                break;
        }
    }

    private static void Array(CodeWriter writer, MemberPlan method, Variant variant, string call, string id)
    {
        ReturnPlan returns = method.Return;
        ParameterPlan? countOut = returns.Count.StartsWith('=') ? null : method.Parameters.First(parameter => parameter.Cpp == returns.Count);
        writer.Line($"{returns.Element}[]? items = {call};");
        if (countOut is not null)
        {
            writer.Line($"*{Raw(countOut)} = ({variant.Parameters[countOut.Index].TrimEnd('*')})(items?.Length ?? 0);");
        }

        writer.Open("if (items is null)");
        writer.Line("return null;");
        writer.Close();
        writer.Line();
        if (returns.Class is not null || returns.Element == "string")
        {
            writer.Line("nint[] addresses = new nint[items.Length];");
            writer.Open("for (int i = 0; i < items.Length; i++)");
            writer.Line(returns.Class is not null
                ? $"addresses[i] = (nint)stub.Return(items[i], ClassId.{ProxyEmitter.ClassConstant(returns.Class)}, owned: false);"
                : "addresses[i] = (nint)stub.String(items[i]);");
            writer.Close();
            writer.Line();
            writer.Line($"return ({variant.Returns})stub.Buffer<nint>({id}, addresses);");
        }
        else
        {
            writer.Line($"return ({variant.Returns})stub.Buffer<{returns.Element}>({id}, items);");
        }
    }

    private static void Lists(CodeWriter writer, MemberPlan method, Variant variant, string call)
    {
        ParameterPlan[] lists = [.. method.Parameters.Where(parameter => parameter.Form == ParameterForm.List)];
        ParameterPlan size = method.Parameters.First(parameter => parameter.Form == ParameterForm.Count);
        writer.Line($"{method.Return.Managed} items = {call};");
        writer.Open($"for (int i = 0; i < Math.Min((long){Raw(size)}, items.Length); i++)");
        foreach (ParameterPlan list in lists)
        {
            string item = lists.Length == 1 ? "items[i]" : $"items[i].{Naming.Member(list.Name.TrimEnd('s'))}";
            writer.Open($"if ({Raw(list)} is not null)");
            writer.Line($"{Raw(list)}[i] = {(method.ListElement(list).Managed == "string" ? $"stub.String({item})" : method.ListElement(list).Out(item, "stub.Library"))};");
            writer.Close();
        }

        writer.Close();
        writer.Line();
        writer.Line($"return ({variant.Returns})items.Length;");
    }

    private static void Span(CodeWriter writer, MemberPlan method, Variant variant, ParameterPlan parameter, string raw, List<string> arguments, List<Action> after)
    {
        Codec codec = ProxyArguments.ElementOf(method, parameter, variant);
        string count = $"checked((int){CountOf(method, parameter)})";
        if (codec.IsBlittable || codec.Managed == "bool")
        {
            arguments.Add($"new {parameter.Managed}({raw}, {count})");
            return;
        }

        string array = parameter.Stem + "Items";
        writer.Line($"{codec.Managed}[] {array} = new {codec.Managed}[{count}];");
        writer.Open($"for (int i = 0; i < {array}.Length; i++)");
        writer.Line($"{array}[i] = {codec.In($"{raw}[i]", "stub.Library")};");
        writer.Close();
        arguments.Add(array);
        if (!parameter.IsReadOnly)
        {
            after.Add(() =>
            {
                writer.Open($"for (int i = 0; i < {array}.Length; i++)");
                writer.Line($"{raw}[i] = {codec.Out($"{array}[i]", "stub.Library")};");
                writer.Close();
            });
        }
    }

    /// <summary>How many elements native code passed: another parameter, or an expression over the target and the parameters.</summary>
    private static string CountOf(MemberPlan method, ParameterPlan parameter)
    {
        if (parameter.Argument.StartsWith('='))
        {
            return System.Text.RegularExpressions.Regex.Replace(parameter.Argument[1..], @"\b(nb\w+)\b", "$1_").Replace("this.", "target.", StringComparison.Ordinal);
        }

        return Raw(method.Parameters.First(other => other.Cpp == parameter.Argument));
    }

    private static string Value(MemberPlan method, Variant variant, ParameterPlan parameter, string raw, string native)
    {
        if (parameter.Managed == "nint")
        {
            return native == "nint" ? raw : $"(nint){raw}";
        }

        CppType type = CppType.Parse(variant.Native.Parameters[parameter.Index].Type);
        Codec codec = method.Codecs.Value(variant.Model, type with { Stars = 0, IsReference = false }, Codecs.IsInteger(parameter.Managed!) ? parameter.Managed : null)!;
        return codec.In(native == codec.Native ? raw : $"(*{raw})", "stub.Library");
    }
}
